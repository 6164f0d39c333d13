-- A start finds the events that confirm assessments by the index of structure, too.
drop index events_of_structure;
create index events_of_structure on events (version)
    where kind in (
        'DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED', 'PERIOD_UPSERTED', 'PERIOD_FINALIZED',
        'ASSESSMENT_CONFIRMED'
    );
