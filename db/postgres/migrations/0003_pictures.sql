-- Pictures of candidates, as JPEG files in Base64.
CREATE TABLE pictures (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON pictures ((doc->>'key'));
