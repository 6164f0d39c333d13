-- Facts, the event log and the counter row that numbers everything.
create table counter (
    id bigint primary key check (id = 1),
    version bigint not null,      -- of the last event
    at bigint not null,           -- its time, milliseconds since 1970
    unit_id bigint not null,      -- the last number given, here and below
    period_id bigint not null,
    initiative_id bigint not null,
    person_id bigint not null
);
insert into counter values (1, 0, 0, 0, 0, 0, 0);

create table units (
    id bigint primary key,
    code text not null unique,
    name text not null,
    kind text not null,
    parent_id bigint references units (id),
    cluster text,
    sector text,
    foreign_invested bigint not null,
    member_count bigint,
    closed_on bigint,             -- days since 1970, here and below
    placeholder bigint not null,
    version bigint not null,      -- of the row's last change, here and below
    updated_at bigint not null
);

create table periods (
    id bigint primary key,
    code text not null unique,
    name text not null,
    kind text not null,
    starts_on bigint not null,
    ends_on bigint not null,
    owner_id bigint not null references units (id),
    parent_id bigint references periods (id),
    metric text not null,
    applied_from bigint,
    applied_until bigint,
    placeholder bigint not null,
    version bigint not null,
    updated_at bigint not null
);

create table targets (
    unit_id bigint not null references units (id),
    period_id bigint not null references periods (id),
    metric text not null,
    origin text not null,
    goal bigint not null,
    percent_from double precision,
    percent_to double precision,
    document_number text,
    set_at bigint not null,
    version bigint not null,
    primary key (unit_id, period_id, metric, origin)
);

-- Rows of the busy tables name others by number without a constraint: checking each again costs
-- PostgreSQL a fifth of its rate, and all of them are written by one method that has just read them.
create table people (
    id bigint primary key,
    unit_id bigint not null,
    identity text not null,        -- code:… or name:…
    unique (unit_id, identity)
);

create table initiatives (
    id bigint primary key,
    key text not null unique,
    content_hash text not null,
    unit_id bigint not null,
    title text not null,
    title_words text not null,     -- folded for search, a space between words
    summary text,
    kind text not null,
    field text,
    team text,
    applied_on bigint,
    recognised_by text,
    confidential bigint not null,
    benefit_vnd bigint,
    status text not null,
    rejection_reason text,
    review_note text,
    featured bigint not null,
    entered_by text not null,
    submitted_at bigint not null,
    updated_at bigint not null,
    reviewed_at bigint,
    version bigint not null
);

-- What lists are found by is in src/store/indexes.rs.

create table authors (
    initiative_id bigint not null,
    position bigint not null,
    person_id bigint not null,
    name text not null,
    person_code text,
    author_group text,
    contact text,
    primary key (initiative_id, position)
);

-- Who may come in. Nothing in the log rests on these but the number that it calls an actor by.
create table tokens (
    id bigint primary key,
    name text not null,
    role text not null,
    unit_id bigint not null,
    digest text not null unique,   -- SHA-256 of the secret, in hexadecimal
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint
);

create table events (
    version bigint primary key,
    at bigint not null,
    tag bigint not null,
    kind text not null,
    actor text,
    reason text,
    initiative_id bigint,
    body text not null
);

-- The history of one initiative.
create index events_of_initiative on events (initiative_id, version)
    where initiative_id is not null;

-- What a start reads of the whole log: the rare kinds that facts do not tell any more.
create index events_of_structure on events (version)
    where kind in ('DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED');

-- The rows of a JSON array given as text, as SQLite's function of that name has them, so that one
-- statement serves both databases.
create function json_each(text) returns table (value jsonb)
    language sql immutable
    as $$ select jsonb_array_elements($1::jsonb) $$;

-- As SQLite's: a text in quotes, its control characters escaped, or null.
create function json_quote(value text) returns text language sql immutable
    as $$ select coalesce(to_json(value)::text, 'null') $$;

-- Batches queue here; the row is rewritten by each, so leave room on its page.
alter table counter set (fillfactor = 10);
