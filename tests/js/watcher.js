// The official JavaScript client, driven from a test: options come as one JSON argument, what
// the server tells goes out as a line of JSON each, and lines of JSON coming in are emitted.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const { url, transports, origin, auth, rooms, more } = JSON.parse(process.argv[2]);

const say = (event, ...data) => process.stdout.write(JSON.stringify([event, ...data]) + "\n");

const socket = io(url, {
  transports,
  auth,
  extraHeaders: origin ? { Origin: origin } : undefined,
  reconnectionDelay: 100,
  reconnectionDelayMax: 500,
  ...more,
});

socket.io.on("open", () => {
  const { engine } = socket.io;
  say("transport", engine.transport.name);
  engine.on("packetCreate", ({ data }) => {
    if (String(data).includes('["chat:send"')) say("chat sent");
  });
  engine.once("upgrade", ({ name }) => say("transport", name));
});
socket.on("connect", async () => {
  say("connect");
  for (const room of rooms) say("joined", await socket.emitWithAck("room:join", { room }));
});
socket.on("connect_error", ({ message, data }) => say("connect_error", { message, data }));
socket.on("disconnect", (reason) => say("disconnect", reason));
socket.on("connection:sample", (_sample, ack) => ack());
socket.onAny((event, data) => say(event, data));

for await (const line of createInterface({ input: process.stdin })) {
  const [event, ...data] = JSON.parse(line);
  socket.emitWithAck(event, ...data).then((ack) => say("ack", ack));
}
socket.disconnect();
