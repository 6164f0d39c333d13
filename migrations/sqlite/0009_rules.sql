-- Rules of recognition and grading are data: each row holds one, whole, as JSON.
create table rules (
    code text primary key,
    owner_id integer not null references units (id),
    definition text not null,
    version integer not null,
    updated_at integer not null    -- milliseconds since 1970
) strict, without rowid;
