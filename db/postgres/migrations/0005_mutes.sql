-- People who may not write in a room's chat.
CREATE TABLE mutes (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON mutes ((doc->>'who_key'));
