-- A target may be for an author group, a field of work, or both; an empty text is none.
create table targets_of_parts (
    unit_id integer not null references units (id),
    period_id integer not null references periods (id),
    metric text not null,
    origin text not null,
    goal integer not null,
    percent_from real,
    percent_to real,
    document_number text,
    set_at integer not null,
    version integer not null,
    author_group text not null,
    field text not null,
    primary key (unit_id, period_id, metric, origin, author_group, field)
) strict, without rowid;
insert into targets_of_parts select *, '', '' from targets;
drop table targets;
alter table targets_of_parts rename to targets;
