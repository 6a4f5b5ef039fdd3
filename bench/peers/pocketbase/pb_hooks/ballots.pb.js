// PocketBase: a route of its own in JavaScript; PocketBase makes the collections, SQL asks them.
routerAdd(
  "PUT",
  "/polls/{poll}/ballot",
  (e) => require(`${__hooks}/ballots.js`).putBallot(e),
  $apis.bodyLimit(64 * 1024),
);

// PocketBase sets synchronous=NORMAL, with which a commit doesn't wait for the disk. It has one
// connection that writes, which it keeps unless it is idle for minutes: asked each minute, it isn't.
onBootstrap((e) => {
  e.next();
  require(`${__hooks}/ballots.js`).makeDurable();
});
cronAdd("durable", "* * * * *", () => require(`${__hooks}/ballots.js`).makeDurable());
