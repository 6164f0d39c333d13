-- The index lacked the events of periods, so each start, check and rebuild read the whole log for them.
drop index events_of_structure;
create index events_of_structure on events (version)
    where kind in ('DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED', 'PERIOD_UPSERTED');
