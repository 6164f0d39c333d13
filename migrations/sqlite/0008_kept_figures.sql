-- Closings keep a period's figures as they stood at one event; a start finds the events of officers by the index of structure.
create table kept_figures (
    version integer not null,      -- of the event
    period_id integer not null,
    tag integer not null,          -- of the event: figures of another log are none
    digest text not null,          -- SHA-256 of the figures, in hexadecimal digits
    body text not null,            -- the figures: JSON, packed by gzip, in base64 for addresses
    primary key (version, period_id)
) strict;
drop index events_of_structure;
create index events_of_structure on events (version)
    where kind in (
        'DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED', 'PERIOD_UPSERTED', 'PERIOD_FINALIZED'
    );
