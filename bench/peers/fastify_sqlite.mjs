// The expert's Node: Fastify and better-sqlite3, one commit for all votes of a turn of the event
// loop. The body is checked by Fastify's compiled schema, the token by fast-jwt's cache, which looks
// at the expiry at every hit; each vote is checked before it is written, so a refusal undoes nothing.
import crypto from "node:crypto";
import path from "node:path";
import Database from "better-sqlite3";
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";

const { FOLDER, KEY, PORT } = process.env;
const POLLS = Number(process.env.POLLS);
const VOTERS = Number(process.env.VOTERS);
const CANDIDATES = 5;

const db = new Database(path.join(FOLDER, "votes.db"));
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  CREATE TABLE IF NOT EXISTS voters (id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS polls (
    id INTEGER PRIMARY KEY, state TEXT NOT NULL, allow_change INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS candidates (
    id INTEGER PRIMARY KEY, poll INTEGER NOT NULL REFERENCES polls (id));
  CREATE TABLE IF NOT EXISTS ballots (
    poll INTEGER NOT NULL REFERENCES polls (id), voter TEXT NOT NULL,
    candidate INTEGER NOT NULL, receipt TEXT NOT NULL, PRIMARY KEY (poll, voter)
  ) WITHOUT ROWID;
`);
db.transaction(() => {
  const voter = db.prepare("INSERT OR IGNORE INTO voters VALUES (?)");
  const poll = db.prepare("INSERT OR IGNORE INTO polls VALUES (?, 'open', ?)");
  const candidate = db.prepare("INSERT OR IGNORE INTO candidates VALUES (?, ?)");
  for (let id = 1; id <= VOTERS; id++) voter.run(`u${id}`);
  for (let id = 1; id <= POLLS; id++) {
    poll.run(id, id < POLLS ? 1 : 0);
    for (let place = 1; place <= CANDIDATES; place++) candidate.run(CANDIDATES * (id - 1) + place, id);
  }
})();

const find = db
  .prepare(
    `SELECT state, allow_change, EXISTS (SELECT 1 FROM voters WHERE id = ?),
       EXISTS (SELECT 1 FROM candidates WHERE id = ? AND poll = polls.id)
     FROM polls WHERE id = ?`,
  )
  .raw();
const insert = db.prepare("INSERT INTO ballots VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
const update = db.prepare("UPDATE ballots SET candidate = ?, receipt = ? WHERE poll = ? AND voter = ?");

// Keeps one ballot; returns its status and document.
function cast({ poll, voter, candidate, receipt }, server_time) {
  const found = find.get(voter, candidate, poll);
  if (found === undefined) return [404, { code: "not_found" }];
  const [state, allowsChange, isVoter, isCandidate] = found;
  if (state !== "open") return [409, { code: "poll_not_open" }];
  if (!isVoter) return [403, { code: "not_eligible" }];
  if (!isCandidate) return [400, { code: "unknown_candidate" }];
  const changed = insert.run(poll, voter, candidate, receipt).changes === 0;
  if (changed && !allowsChange) return [409, { code: "already_voted" }];
  if (changed) update.run(candidate, receipt, poll, voter);
  return [changed ? 200 : 201, { receipt, poll, changed, server_time }];
}

const castAll = db.transaction((votes) => {
  const now = new Date().toISOString();
  return votes.map((vote) => cast(vote, now));
});

let waiting = [];
let accepted = false;
let put_off = 0;

// Commits what arrived in this turn, then answers it. libuv accepts one connection a turn: while
// some come, it puts off the commit, or each of them would wait for the fsyncs of all before it.
function commit() {
  if (accepted && put_off++ < 100) {
    accepted = false;
    return setImmediate(commit);
  }
  put_off = 0;
  const votes = waiting;
  waiting = [];
  let answers;
  try {
    answers = castAll.immediate(votes);
  } catch {
    answers = votes.map(() => [500, { code: "internal" }]);
  }
  votes.forEach(({ reply }, place) => {
    const [status, document] = answers[place];
    reply.code(status).send(document);
  });
}

const verify = createVerifier({
  key: KEY,
  algorithms: ["HS256"],
  cache: 10_000,
  cacheKeyBuilder: (token) => token,
});

function readVoter(header = "") {
  try {
    return verify(header.slice(7)).sub;
  } catch {
    return undefined;
  }
}

const app = Fastify({
  keepAliveTimeout: 60_000,
  exposeHeadRoutes: false,
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
});
const params = { type: "object", properties: { poll: { type: "string", pattern: "^[0-9]{1,15}$" } } };
const body = {
  type: "object",
  additionalProperties: false,
  required: ["choices"],
  properties: { choices: { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 1 } },
};
const kept = {
  type: "object",
  properties: {
    receipt: { type: "string" },
    poll: { type: "integer" },
    changed: { type: "boolean" },
    server_time: { type: "string" },
  },
};
const response = { "2xx": kept };

app.put("/polls/:poll/ballot", { schema: { params, body, response } }, (request, reply) => {
  const voter = readVoter(request.headers.authorization);
  if (voter === undefined) return reply.code(401).send({ code: "unauthenticated" });
  const receipt = crypto.randomBytes(16).toString("hex");
  if (waiting.length === 0) setImmediate(commit);
  const poll = Number(request.params.poll);
  waiting.push({ poll, voter, candidate: request.body.choices[0], receipt, reply });
});

app.server.on("connection", () => {
  accepted = true;
});
await app.listen({ port: Number(PORT), host: "127.0.0.1", backlog: 4096 });
