-- A period that is over, whose figures an officer made final.
insert into periods (id, code, name, kind, starts_on, ends_on, owner_id, parent_id, metric, applied_from, applied_until, placeholder, version, updated_at) values
    (2, 'q', 'Q', 'CAMPAIGN', 20754, 20784, 1, null, 'SUBMITTED', null, null, 0, 24, 1795955636823);
insert into events (version, at, tag, kind, actor, reason, initiative_id, body) values
    (24, 1795955636823, 7411204538, 'PERIOD_UPSERTED', 'admin', null, null, '{"after":{"id":2,"code":"q","name":"Q","kind":"CAMPAIGN","starts_on":20754,"ends_on":20784,"owner":1,"parent":null,"metric":"SUBMITTED","applied_from":null,"applied_until":null},"path":[1]}'),
    (25, 1795955636825, 7411204539, 'PERIOD_FINALIZED', 'admin', 'đủ', null, '{"period":2,"path":[1]}');
update counter set version = 25, at = 1795955636825, period_id = 2;
