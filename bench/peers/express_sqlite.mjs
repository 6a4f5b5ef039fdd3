// Express and better-sqlite3: prepared statements, WAL, synchronous=FULL; commits where it stands.
import path from "node:path";
import Database from "better-sqlite3";
import { CANDIDATES, FOLDER, POLLS, Refused, serve } from "./rules.mjs";

const db = new Database(path.join(FOLDER, "votes.db"));
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
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
  const poll = db.prepare("INSERT OR IGNORE INTO polls VALUES (?, 'open', ?)");
  const candidate = db.prepare("INSERT OR IGNORE INTO candidates VALUES (?, ?)");
  for (let id = 1; id <= POLLS; id++) {
    poll.run(id, id < POLLS ? 1 : 0);
    for (let place = 1; place <= CANDIDATES; place++) candidate.run(CANDIDATES * (id - 1) + place, id);
  }
})();

const findPoll = db.prepare("SELECT state, allow_change FROM polls WHERE id = ?");
const findCandidate = db.prepare("SELECT 1 FROM candidates WHERE id = ? AND poll = ?");
const insert = db.prepare("INSERT INTO ballots VALUES (?, ?, ?, ?)");
const update = db.prepare("UPDATE ballots SET candidate = ?, receipt = ? WHERE poll = ? AND voter = ?");

serve((id, voter, candidate, receipt) => {
  const poll = findPoll.get(id);
  if (poll === undefined) throw new Refused(404, "not_found");
  if (poll.state !== "open") throw new Refused(409, "poll_not_open");
  if (findCandidate.get(candidate, id) === undefined) throw new Refused(400, "unknown_candidate");
  try {
    insert.run(id, voter, candidate, receipt);
    return false;
  } catch (error) {
    if (error.code !== "SQLITE_CONSTRAINT_PRIMARYKEY") throw error;
    if (!poll.allow_change) throw new Refused(409, "already_voted");
    update.run(candidate, receipt, id, voter);
    return true;
  }
});
