-- A rule of grading.
insert into rules (code, owner_id, definition, version, updated_at) values
    ('quy', 1, '{"code":"quy","name":"Quý","owner":1,"per_cluster":true,"rank_by":"SUBMITTED","top":1,"criteria":[{"measure":"TARGET_RATIO","origin":"ASSIGNED","steps":[{"from":"0.8","above":true,"points":"45"}],"required":true}],"grades":[{"label":"Tốt","points":"45","required":false}],"version":26}', 26, 1795955636830);
insert into events (version, at, tag, kind, actor, reason, initiative_id, body) values
    (26, 1795955636830, 7411204537, 'RULE_UPSERTED', 'admin', null, null, '{"after":{"code":"quy","name":"Quý","owner":1,"per_cluster":true,"rank_by":"SUBMITTED","top":1,"criteria":[{"measure":"TARGET_RATIO","origin":"ASSIGNED","steps":[{"from":"0.8","above":true,"points":"45"}],"required":true}],"grades":[{"label":"Tốt","points":"45","required":false}],"version":26},"path":[1]}');
update counter set version = 26, at = 1795955636830;
