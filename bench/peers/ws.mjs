// Node's bare ws telling a hall: what bench/live_server.py does, with no more of Socket.IO than its
// clients need to join. A message is framed once, as socket.io does it, and the frame written to all.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Sender, WebSocketServer } from "ws";

const tally = Array.from({ length: 10 }, (_, number) => ({
  candidate: number,
  name: `Candidate ${number}`,
  votes: 1000 + number,
  share: 0.1,
}));
const results = { poll: 1, epoch: 1, version: 1000, state: "open", tally };
const now = () => Number(process.hrtime.bigint());

const hall = new Set();
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
server.on("connection", (socket) => {
  socket.on("close", () => hall.delete(socket));
  socket.on("message", (data) => {
    const message = data.toString();
    if (message === "40") socket.send("40{}");
    if (message !== '420["join"]') return;
    hall.add(socket);
    socket.send('430["ok"]');
  });
  socket.send("0{}");
});

const FRAME = { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: true };

function emit(name, document) {
  const payload = Buffer.from(`42${JSON.stringify([name, document])}`);
  const frame = [Buffer.concat(Sender.frame(payload, FRAME))];
  for (const socket of hall) socket._sender.sendFrame(frame);
}

async function broadcast({ updates, hz }) {
  const began = now();
  for (let number = 0; number < updates; number++) {
    emit("tally:update", { ...results, sent_ns: now() });
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
