-- The servers of the database, as each notes itself: what is written rests on what the oldest of them reads.
create table nodes (
    id bigint primary key,
    release text not null,         -- of the program
    first_seen bigint not null,   -- milliseconds since 1970, here and below
    last_seen bigint not null,
    ended_at bigint               -- when it said so
);
