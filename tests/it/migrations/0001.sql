-- Rows of every table as release 0.1.0 wrote them: units, a period, targets, initiatives in several states, a move, a token.
insert into units (id, code, name, kind, parent_id, cluster, sector, foreign_invested, member_count, closed_on, placeholder, version, updated_at) values
    (1, 'tld', 'Tổng', 'CONFEDERATION', null, null, null, 0, null, null, 0, 4, 1795955636651),
    (2, 'a', 'A', 'PROVINCIAL_FEDERATION', 1, null, null, 0, null, null, 0, 5, 1795955636669),
    (3, 'b', 'B', 'DISTRICT_FEDERATION', 1, null, null, 0, null, null, 0, 6, 1795955636677),
    (4, 'c', 'C''s', 'GRASSROOTS_UNION', 2, null, null, 0, 40, null, 0, 21, 1795955636802),
    (5, 'd', 'D', 'GRASSROOTS_UNION', 2, null, null, 0, null, null, 0, 8, 1795955636692);
insert into periods (id, code, name, kind, starts_on, ends_on, owner_id, parent_id, metric, applied_from, applied_until, placeholder, version, updated_at) values
    (1, 'p', 'P', 'PROGRAMME', 20454, 21183, 1, null, 'SUBMITTED', null, null, 0, 9, 1795955636705);
insert into targets (unit_id, period_id, metric, origin, goal, percent_from, percent_to, document_number, set_at, version) values
    (4, 1, 'SUBMITTED', 'ASSIGNED', 10, 25.0, null, null, 1795955636711, 10);
insert into people (id, unit_id, identity) values
    (1, 4, 'code:7'),
    (2, 4, 'name:Bình'),
    (3, 5, 'name:Chi'),
    (4, 5, 'name:Dung'),
    (5, 5, 'name:Bình');
insert into initiatives (id, key, content_hash, unit_id, title, title_words, summary, kind, field, team, applied_on, recognised_by, confidential, benefit_vnd, status, rejection_reason, review_note, featured, entered_by, submitted_at, updated_at, reviewed_at, version) values
    (1, '1', '4:01d088f856547042a16a0b1dfac42277', 4, 'Cải tiến khuôn', 'cai tien khuon', 'Một dòng', 'IDEA', 'x', 'Tổ 1', null, 'Hội đồng', 0, 5, 'ACCEPTED', null, 'tốt', 1, 'admin', 1795955636719, 1795955636791, 1795955636755, 20),
    (2, '2', '4:636267e18dd16b187cd844d8666a00c5', 5, 'Cải tiến máy khâu', 'cai tien may khau', null, 'TECHNICAL', null, null, 20513, null, 0, null, 'PENDING', null, 'sửa', 0, 'admin', 1795955636735, 1795955636777, 1795955636762, 18),
    (3, '3', '5:ebc883d83f6829727bd077ddb335daea', 5, 'Khuôn mới', 'khuon moi', null, 'IDEA', null, null, null, null, 1, null, 'PENDING', null, null, 0, 'admin', 1795955636743, 1795955636743, null, 13),
    (4, '4', '5:7410e4f15a66fd023f9c510a20650276', 5, 'Máy mới', 'may moi', null, 'IDEA', null, null, null, null, 0, null, 'WITHDRAWN', null, null, 0, 'admin', 1795955636745, 1795955636786, null, 19);
insert into authors (initiative_id, position, person_id, name, person_code, author_group, contact) values
    (1, 0, 1, 'An', '7', 'OTHER', '090'),
    (1, 1, 2, 'Bình', null, null, null),
    (2, 0, 5, 'Bình', null, null, null),
    (3, 0, 3, 'Chi', null, null, null),
    (4, 0, 4, 'Dung', null, null, null);
insert into tokens (id, name, role, unit_id, digest, created_at, expires_at, revoked_at, last_used_at) values
    (1, 'Một', 'OFFICER', 2, '9a39f9fcc13b1bd04d6fcd2458c712a6b993562b2beb5ce4a2823afa85c3472e', 1795955637869, null, null, null);
insert into events (version, at, tag, kind, actor, reason, initiative_id, body) values
    (1, 1795955633333, -3143374090191665519, 'DAY_BEGAN', null, null, null, '{"day":20786}'),
    (2, 1795955633333, -3508653590244767375, 'UNIT_UPSERTED', null, null, null, '{"after":{"id":1,"code":"root","name":"Tổng Liên đoàn Lao động Việt Nam","kind":"CONFEDERATION","parent":null,"cluster":null,"sector":null,"foreign_invested":false,"member_count":null,"closed_on":null,"placeholder":true},"path":[1]}'),
    (3, 1795955633333, -4470255469450875798, 'PERIOD_UPSERTED', null, null, null, '{"after":{"id":1,"code":"programme","name":"Chương trình 2026","kind":"PROGRAMME","starts_on":20454,"ends_on":20818,"owner":1,"parent":null,"metric":"SUBMITTED","applied_from":null,"applied_until":null,"placeholder":true},"path":[1]}'),
    (4, 1795955636651, 2409331719182210832, 'UNIT_UPSERTED', 'admin', null, null, '{"before":{"id":1,"code":"root","name":"Tổng Liên đoàn Lao động Việt Nam","kind":"CONFEDERATION","parent":null,"cluster":null,"sector":null,"foreign_invested":false,"member_count":null,"closed_on":null,"placeholder":true},"after":{"id":1,"code":"tld","name":"Tổng","kind":"CONFEDERATION","parent":null,"cluster":null,"sector":null,"foreign_invested":false,"member_count":null,"closed_on":null},"path":[1]}'),
    (5, 1795955636669, -3302987750244493604, 'UNIT_UPSERTED', 'admin', null, null, '{"after":{"id":2,"code":"a","name":"A","kind":"PROVINCIAL_FEDERATION","parent":1,"cluster":null,"sector":null,"foreign_invested":false,"member_count":null,"closed_on":null},"path":[1,2]}'),
    (6, 1795955636677, -8788813368341175310, 'UNIT_UPSERTED', 'admin', null, null, '{"after":{"id":3,"code":"b","name":"B","kind":"DISTRICT_FEDERATION","parent":1,"cluster":null,"sector":null,"foreign_invested":false,"member_count":null,"closed_on":null},"path":[1,3]}'),
    (7, 1795955636687, -6816525258509727731, 'UNIT_UPSERTED', 'admin', null, null, '{"after":{"id":4,"code":"c","name":"C''s","kind":"GRASSROOTS_UNION","parent":3,"cluster":null,"sector":null,"foreign_invested":false,"member_count":40,"closed_on":null},"path":[1,3,4]}'),
    (8, 1795955636692, -2831134289966554398, 'UNIT_UPSERTED', 'admin', null, null, '{"after":{"id":5,"code":"d","name":"D","kind":"GRASSROOTS_UNION","parent":2,"cluster":null,"sector":null,"foreign_invested":false,"member_count":null,"closed_on":null},"path":[1,2,5]}'),
    (9, 1795955636705, 9002135658428693751, 'PERIOD_UPSERTED', 'admin', null, null, '{"before":{"id":1,"code":"programme","name":"Chương trình 2026","kind":"PROGRAMME","starts_on":20454,"ends_on":20818,"owner":1,"parent":null,"metric":"SUBMITTED","applied_from":null,"applied_until":null,"placeholder":true},"after":{"id":1,"code":"p","name":"P","kind":"PROGRAMME","starts_on":20454,"ends_on":21183,"owner":1,"parent":null,"metric":"SUBMITTED","applied_from":null,"applied_until":null},"path":[1]}'),
    (10, 1795955636711, 3664776557098853156, 'TARGETS_SET', 'admin', null, null, '{"targets":[{"after":{"unit":2,"period":1,"metric":"SUBMITTED","origin":"ASSIGNED","goal":7,"percent_from":null,"percent_to":null,"document_number":null,"set_at":1795955636711},"path":[1,2]},{"after":{"unit":4,"period":1,"metric":"SUBMITTED","origin":"ASSIGNED","goal":10,"percent_from":25.0,"percent_to":null,"document_number":null,"set_at":1795955636711},"path":[1,3,4]}]}'),
    (11, 1795955636719, 5220161495826943719, 'SUBMITTED', 'admin', null, 1, '{"initiative":1,"after":{"unit":4,"status":"PENDING","submitted_at":1795955636719,"kind":"IDEA","field":"x","author_group":"OTHER","people":[1,2],"benefit_vnd":5},"path":[1,3,4]}'),
    (12, 1795955636735, -7078646538562328088, 'SUBMITTED', 'admin', null, 2, '{"initiative":2,"after":{"unit":4,"status":"PENDING","submitted_at":1795955636735,"kind":"TECHNICAL","people":[1]},"path":[1,3,4]}'),
    (13, 1795955636743, -3664669057766236149, 'SUBMITTED', 'admin', null, 3, '{"initiative":3,"after":{"unit":5,"status":"PENDING","submitted_at":1795955636743,"kind":"IDEA","people":[3],"confidential":true},"path":[1,2,5]}'),
    (14, 1795955636745, -701435331085299342, 'SUBMITTED', 'admin', null, 4, '{"initiative":4,"after":{"unit":5,"status":"PENDING","submitted_at":1795955636745,"kind":"IDEA","people":[4]},"path":[1,2,5]}'),
    (15, 1795955636755, -9135189563664349506, 'ACCEPTED', 'admin', null, 1, '{"initiative":1,"before":{"unit":4,"status":"PENDING","submitted_at":1795955636719,"kind":"IDEA","field":"x","author_group":"OTHER","people":[1,2],"benefit_vnd":5},"after":{"unit":4,"status":"ACCEPTED","submitted_at":1795955636719,"kind":"IDEA","field":"x","author_group":"OTHER","people":[1,2],"benefit_vnd":5},"path":[1,3,4]}'),
    (16, 1795955636762, 5470859640769568533, 'RETURNED', 'admin', null, 2, '{"initiative":2,"before":{"unit":4,"status":"PENDING","submitted_at":1795955636735,"kind":"TECHNICAL","people":[1]},"after":{"unit":4,"status":"RETURNED","submitted_at":1795955636735,"kind":"TECHNICAL","people":[1]},"path":[1,3,4]}'),
    (17, 1795955636770, -8259300594074639990, 'REVISED', 'admin', null, 2, '{"initiative":2,"before":{"unit":4,"status":"RETURNED","submitted_at":1795955636735,"kind":"TECHNICAL","people":[1]},"after":{"unit":4,"status":"PENDING","submitted_at":1795955636735,"kind":"TECHNICAL","people":[2]},"path":[1,3,4]}'),
    (18, 1795955636777, 5885172514658634044, 'TRANSFERRED', 'admin', null, 2, '{"initiative":2,"before":{"unit":4,"status":"PENDING","submitted_at":1795955636735,"kind":"TECHNICAL","people":[2]},"after":{"unit":5,"status":"PENDING","submitted_at":1795955636735,"kind":"TECHNICAL","people":[5]},"path":[1,2,5],"from_path":[1,3,4]}'),
    (19, 1795955636786, 5415005189524716360, 'WITHDRAWN', 'admin', null, 4, '{"initiative":4,"before":{"unit":5,"status":"PENDING","submitted_at":1795955636745,"kind":"IDEA","people":[4]},"after":{"unit":5,"status":"WITHDRAWN","submitted_at":1795955636745,"kind":"IDEA","people":[4]},"path":[1,2,5]}'),
    (20, 1795955636791, 4459728323743006534, 'FEATURED', 'admin', null, 1, '{"initiative":1,"before":{"unit":4,"status":"ACCEPTED","submitted_at":1795955636719,"kind":"IDEA","field":"x","author_group":"OTHER","people":[1,2],"benefit_vnd":5},"after":{"unit":4,"status":"ACCEPTED","submitted_at":1795955636719,"kind":"IDEA","field":"x","author_group":"OTHER","people":[1,2],"benefit_vnd":5,"featured":true},"path":[1,3,4]}'),
    (21, 1795955636802, 8930409772938864656, 'UNIT_MOVED', 'admin', null, null, '{"before":{"id":4,"code":"c","name":"C''s","kind":"GRASSROOTS_UNION","parent":3,"cluster":null,"sector":null,"foreign_invested":false,"member_count":40,"closed_on":null},"after":{"id":4,"code":"c","name":"C''s","kind":"GRASSROOTS_UNION","parent":2,"cluster":null,"sector":null,"foreign_invested":false,"member_count":40,"closed_on":null},"path":[1,2,4],"from_path":[1,3,4]}'),
    (22, 1795955636810, -581480757773592423, 'TARGETS_SET', 'admin', null, null, '{"targets":[{"before":{"unit":2,"period":1,"metric":"SUBMITTED","origin":"ASSIGNED","goal":7,"percent_from":null,"percent_to":null,"document_number":null,"set_at":1795955636711},"path":[1,2]}]}');
update counter set version = 22, at = 1795955636810, unit_id = 5, period_id = 1, initiative_id = 4, person_id = 5;
