// Node's socket.io telling a hall: the same as bench/live_server.py, asked in the same way.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "socket.io";

const tally = Array.from({ length: 10 }, (_, number) => ({
  candidate: number,
  name: `Candidate ${number}`,
  votes: 1000 + number,
  share: 0.1,
}));
const results = { poll: 1, epoch: 1, version: 1000, state: "open", tally };
const now = () => Number(process.hrtime.bigint());

const http = createServer();
const io = new Server(http);
io.on("connection", (socket) =>
  socket.on("join", (ack) => {
    socket.join("hall");
    ack("ok");
  }),
);

async function broadcast({ updates, hz }) {
  const began = now();
  for (let number = 0; number < updates; number++) {
    io.to("hall").emit("tally:update", { ...results, sent_ns: now() });
    const due = hz ? began + ((number + 1) * 1e9) / hz : 0;
    const rest = (due - now()) / 1e6;
    await (rest > 0 ? sleep(rest) : new Promise(setImmediate));
  }
  return { began_ns: began };
}

const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");
http.listen(Number(process.argv[2]), "127.0.0.1", 4096, () => say({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) say(await broadcast(JSON.parse(line)));
process.exit();
