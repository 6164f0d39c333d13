-- An initiative that was entered elsewhere and came accepted.
insert into initiatives (id, key, content_hash, unit_id, title, title_words, summary, kind, field, team, applied_on, recognised_by, confidential, benefit_vnd, status, rejection_reason, review_note, featured, entered_by, submitted_at, updated_at, reviewed_at, version, told_by) values
    (5, '5', '5:0f1a', 5, 'Khuôn cũ', 'khuon cu', null, 'IDEA', null, null, null, null, 0, null, 'ACCEPTED', null, null, 0, 'admin', 1795955636750, 1795955636820, 1795955636760, 23, 'PRESENT');
insert into authors (initiative_id, position, person_id, name, person_code, author_group, contact) values
    (5, 0, 3, 'Chi', null, null, null);
insert into events (version, at, tag, kind, actor, reason, initiative_id, body) values
    (23, 1795955636820, 7411204536, 'SUBMITTED', 'admin', null, 5, '{"initiative":5,"after":{"unit":5,"status":"ACCEPTED","submitted_at":1795955636750,"kind":"IDEA","people":[3]},"path":[1,2,5],"counted_from":20786}');
update counter set version = 23, at = 1795955636820, initiative_id = 5;
