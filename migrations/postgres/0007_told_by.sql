-- Figures of past days rest on what each initiative was before: rows of initiatives say where that is told.
alter table initiatives add column told_by text;  -- null: submitted_at, reviewed_at and, withdrawn, updated_at tell it
update initiatives set told_by = 'LOG' where id in (
    select initiative_id from events
    where initiative_id is not null and kind not in ('FEATURED', 'UNFEATURED')
    group by initiative_id
    having count(*) > 2 or count(*) filter (where kind in ('REVISED', 'TRANSFERRED')) > 0
);
update initiatives set told_by = case (
        select count(*) from events
        where initiative_id = initiatives.id and kind not in ('FEATURED', 'UNFEATURED')
    ) when 1 then 'PRESENT' else 'LOG' end
where told_by is null and id in (
    select initiative_id from events
    where kind = 'SUBMITTED' and body::json->>'counted_from' is not null
        and body::json->'after'->>'status' <> 'PENDING'
);
