// Express and lowdb, its file written whole a vote, as its pages show. lowdb merges writes that
// wait for one that is under way, and never calls fsync: what it answers a power cut may take back.
import path from "node:path";
import { JSONFilePreset } from "lowdb/node";
import { CANDIDATES, FOLDER, POLLS, Refused, serve } from "./rules.mjs";

const db = await JSONFilePreset(path.join(FOLDER, "votes.json"), { ballots: {} });

serve(async (poll, voter, candidate, receipt) => {
  if (!(poll >= 1 && poll <= POLLS)) throw new Refused(404, "not_found");
  if (Math.ceil(candidate / CANDIDATES) !== poll) throw new Refused(400, "unknown_candidate");
  const key = `${poll}/${voter}`;
  const changed = key in db.data.ballots;
  if (changed && poll === POLLS) throw new Refused(409, "already_voted");
  db.data.ballots[key] = { candidate, receipt };
  await db.write();
  return changed;
});
