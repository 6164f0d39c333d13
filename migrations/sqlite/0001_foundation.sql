-- Facts, the event log and the counter row that numbers everything.
create table counter (
    id integer primary key check (id = 1),
    version integer not null,      -- of the last event
    at integer not null,           -- its time, milliseconds since 1970
    unit_id integer not null,      -- the last number given, here and below
    period_id integer not null,
    initiative_id integer not null,
    person_id integer not null
) strict;
insert into counter values (1, 0, 0, 0, 0, 0, 0);

create table units (
    id integer primary key,
    code text not null unique,
    name text not null,
    kind text not null,
    parent_id integer references units (id),
    cluster text,
    sector text,
    foreign_invested integer not null,
    member_count integer,
    closed_on integer,             -- days since 1970, here and below
    placeholder integer not null,
    version integer not null,      -- of the row's last change, here and below
    updated_at integer not null
) strict;

create table periods (
    id integer primary key,
    code text not null unique,
    name text not null,
    kind text not null,
    starts_on integer not null,
    ends_on integer not null,
    owner_id integer not null references units (id),
    parent_id integer references periods (id),
    metric text not null,
    applied_from integer,
    applied_until integer,
    placeholder integer not null,
    version integer not null,
    updated_at integer not null
) strict;

create table targets (
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
    primary key (unit_id, period_id, metric, origin)
) strict, without rowid;

-- Rows of the busy tables name others by number without a constraint: checking each again costs
-- PostgreSQL a fifth of its rate, and all of them are written by one method that has just read them.
create table people (
    id integer primary key,
    unit_id integer not null,
    identity text not null,        -- code:… or name:…
    unique (unit_id, identity)
) strict;

create table initiatives (
    id integer primary key,
    key text not null unique,
    content_hash text not null,
    unit_id integer not null,
    title text not null,
    title_words text not null,     -- folded for search, a space between words
    summary text,
    kind text not null,
    field text,
    team text,
    applied_on integer,
    recognised_by text,
    confidential integer not null,
    benefit_vnd integer,
    status text not null,
    rejection_reason text,
    review_note text,
    featured integer not null,
    entered_by text not null,
    submitted_at integer not null,
    updated_at integer not null,
    reviewed_at integer,
    version integer not null
) strict;

-- What lists are found by is in src/store/indexes.rs.

create table authors (
    initiative_id integer not null,
    position integer not null,
    person_id integer not null,
    name text not null,
    person_code text,
    author_group text,
    contact text,
    primary key (initiative_id, position)
) strict, without rowid;

-- Who may come in. Nothing in the log rests on these but the number that it calls an actor by.
create table tokens (
    id integer primary key,
    name text not null,
    role text not null,
    unit_id integer not null,
    digest text not null unique,   -- SHA-256 of the secret, in hexadecimal
    created_at integer not null,
    expires_at integer,
    revoked_at integer,
    last_used_at integer
) strict;

create table events (
    version integer primary key,
    at integer not null,
    tag integer not null,
    kind text not null,
    actor text,
    reason text,
    initiative_id integer,
    body text not null
) strict;

-- The history of one initiative.
create index events_of_initiative on events (initiative_id, version)
    where initiative_id is not null;

-- What a start reads of the whole log: the rare kinds that facts do not tell any more.
create index events_of_structure on events (version)
    where kind in ('DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED');
