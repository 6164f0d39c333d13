-- Rules of recognition and grading are data: each row holds one, whole, as JSON.
create table rules (
    code text primary key,
    owner_id bigint not null references units (id),
    definition text not null,
    version bigint not null,
    updated_at bigint not null    -- milliseconds since 1970
);
