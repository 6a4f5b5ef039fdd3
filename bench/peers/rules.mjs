// What the peers in JavaScript share: express as its users set it up, the token, the body.
import crypto from "node:crypto";
import express from "express";
import { createVerifier } from "fast-jwt";

export const { KEY, FOLDER, PORT } = process.env;
export const POLLS = Number(process.env.POLLS);
export const CANDIDATES = 5;

const verify = createVerifier({ key: KEY, algorithms: ["HS256"], cache: 10_000 });

export class Refused extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}

// `cast(poll, voter, candidate, receipt)` returns whether it took the place of another ballot.
export function serve(cast) {
  const app = express();
  app.disable("x-powered-by").disable("etag");
  app.use(express.json({ limit: "64kb" }));
  app.put("/polls/:poll/ballot", async (request, response) => {
    const voter = readVoter(request.headers.authorization);
    const { choices } = request.body ?? {};
    if (!(Array.isArray(choices) && choices.length === 1 && Number.isInteger(choices[0])))
      throw new Refused(400, "invalid_request");
    const poll = Number(request.params.poll);
    const receipt = crypto.randomBytes(16).toString("hex");
    const changed = await cast(poll, voter, choices[0], receipt);
    const server_time = new Date().toISOString();
    response.status(changed ? 200 : 201).json({ receipt, poll, changed, server_time });
  });
  app.use((error, request, response, next) => {
    response.status(error.status ?? 500).json({ code: error.message });
  });
  const server = app.listen(Number(PORT), "127.0.0.1");
  server.keepAliveTimeout = 60_000;
}

function readVoter(header = "") {
  try {
    return verify(header.replace(/^Bearer /, "")).sub;
  } catch {
    throw new Refused(401, "unauthenticated");
  }
}
