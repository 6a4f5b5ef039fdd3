// A ballot, as the other peers keep it: the token, the body, the poll, the candidate, the commit.
const KEY = $os.getenv("KEY");

function readVoter(e) {
  try {
    const token = e.request.header.get("Authorization").replace(/^Bearer /, "");
    return $security.parseJWT(token, KEY).sub;
  } catch {
    throw new UnauthorizedError("unauthenticated");
  }
}

function readCandidate(e) {
  const { choices } = e.requestInfo().body;
  if (!(Array.isArray(choices) && choices.length === 1 && Number.isInteger(choices[0])))
    throw new BadRequestError("invalid_request");
  return `${choices[0]}`;
}

function find(sql, asked, row, refused) {
  const found = new DynamicModel(row);
  try {
    $app.db().newQuery(sql).bind(asked).one(found);
  } catch {
    throw refused;
  }
  return found;
}

function putBallot(e) {
  const voter = readVoter(e);
  const candidate = readCandidate(e);
  const poll = e.request.pathValue("poll");
  const { state, allow_change } = find(
    "SELECT state, allow_change FROM polls WHERE id = {:poll}",
    { poll },
    { state: "", allow_change: false },
    new NotFoundError("not_found"),
  );
  if (state !== "open") throw new ApiError(409, "poll_not_open");
  find(
    "SELECT id FROM candidates WHERE id = {:candidate} AND poll = {:poll}",
    { candidate, poll },
    { id: "" },
    new BadRequestError("unknown_candidate"),
  );
  const receipt = $security.randomString(32);
  let changed = false;
  try {
    $app.db().insert("ballots", { poll, voter, candidate, receipt }).execute();
  } catch (error) {
    if (!`${error}`.includes("UNIQUE constraint failed")) throw error;
    if (!allow_change) throw new ApiError(409, "already_voted");
    const own = $dbx.hashExp({ poll, voter });
    $app.db().update("ballots", { candidate, receipt }, own).execute();
    changed = true;
  }
  const server_time = new Date().toISOString();
  return e.json(changed ? 200 : 201, { receipt, poll: Number(poll), changed, server_time });
}

function makeDurable() {
  $app.nonconcurrentDB().newQuery("PRAGMA synchronous = FULL").execute();
}

module.exports = { makeDurable, putBallot };
