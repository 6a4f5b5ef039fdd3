-- The documents of each kind, as TinyDB has them. They are json, not jsonb: that keeps the order of
-- their keys, which is the order of a roll's columns.
CREATE TABLE meta (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE users (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON users ((doc->>'email_key'));
CREATE UNIQUE INDEX ON users ((doc->>'voting_key'));
CREATE UNIQUE INDEX ON users ((doc->>'reset_code'));
CREATE TABLE revocations (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON revocations ((doc->>'token_id'));
CREATE TABLE invitations (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON invitations ((doc->>'code'));
CREATE TABLE rooms (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON rooms ((doc->>'code'));
CREATE TABLE roll (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON roll ((doc->>'email_key'));
CREATE UNIQUE INDEX ON roll ((doc->>'ref_key'));
CREATE UNIQUE INDEX ON roll ((doc->>'account_key'));
CREATE UNIQUE INDEX ON roll ((doc->>'code'));
CREATE TABLE bars (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON bars ((doc->>'who_key'));
CREATE TABLE roll_removed (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE guests (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE messages (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON messages ((doc->>'sent_key'));
CREATE TABLE attendance (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON attendance ((doc->>'who_key'));
CREATE TABLE log (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON log ((doc->>'place'));
CREATE TABLE meetings (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE candidates (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE polls (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE electorates (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE TABLE admissions (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON admissions ((doc->>'row_key'));
CREATE TABLE record_names (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON record_names ((doc->>'receipt_key'));
CREATE TABLE record_trees (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON record_trees ((doc->>'poll_key'));
-- The ballots of an open secret poll are in a table of its own, ballots_POLL, which the end of the
-- poll drops.
CREATE TABLE ballots (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON ballots ((doc->>'voter'));

-- One row: the number of the last batch, the next free id of each table, and the epoch, which
-- also a backup tells (meta): a worker that has seen another one must be started again.
CREATE TABLE head (seq bigint NOT NULL, next_ids jsonb NOT NULL, epoch bigint NOT NULL DEFAULT 1);
INSERT INTO head VALUES (0, '{}');
-- The last batch that each worker has committed, by which it learns what became of one whose answer
-- it did not get.
CREATE TABLE flights (worker text PRIMARY KEY, flight bigint NOT NULL, at timestamptz NOT NULL);
-- What workers tell each other. It may be lost: then they read everything again. It has no times: a
-- ballot must not show when it was cast.
CREATE UNLOGGED TABLE changes (seq bigint PRIMARY KEY, body text NOT NULL);
-- Or ANALYZE would copy samples into pg_statistic, where they outlive the line.
ALTER TABLE changes ALTER COLUMN body SET STATISTICS 0;
