-- The servers of the database, as each notes itself: what is written rests on what the oldest of them reads.
create table nodes (
    id integer primary key,
    release text not null,         -- of the program
    first_seen integer not null,   -- milliseconds since 1970, here and below
    last_seen integer not null,
    ended_at integer               -- when it said so
) strict;
