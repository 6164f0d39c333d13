-- Where the log begins since it was pruned; at most one row.
create table prunes (
    version bigint primary key,   -- of the event with which the day began; what follows is whole
    day bigint not null,          -- days since 1970
    pruned_at bigint not null     -- milliseconds since 1970
);
