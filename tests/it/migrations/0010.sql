-- The assessment by that rule, confirmed.
insert into events (version, at, tag, kind, actor, reason, initiative_id, body) values
    (27, 1795955636832, 7411204540, 'ASSESSMENT_CONFIRMED', 'admin', 'đủ', null, '{"rule":"quy","period":2,"confirmed":{"closing":25,"rests_on":26},"path":[1]}');
update counter set version = 27, at = 1795955636832;
