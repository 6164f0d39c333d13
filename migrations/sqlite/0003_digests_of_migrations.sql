-- What a migration was made with, so that a file that was edited since is noticed.
alter table migrations add column digest text; -- SHA-256 of the file, in hexadecimal
