-- The processes that share the database, and the connections of people that each has. They end with
-- the processes, so they need not outlive a crash of PostgreSQL.
CREATE UNLOGGED TABLE workers (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON workers ((doc->>'name'));
CREATE UNLOGGED TABLE leases (id bigint PRIMARY KEY, doc json NOT NULL);
CREATE UNIQUE INDEX ON leases ((doc->>'place'));
