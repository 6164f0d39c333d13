-- A target may be for an author group, a field of work, or both; an empty text is none.
alter table targets add column author_group text not null default '';
alter table targets add column field text not null default '';
alter table targets drop constraint targets_pkey;
alter table targets add primary key (unit_id, period_id, metric, origin, author_group, field);
