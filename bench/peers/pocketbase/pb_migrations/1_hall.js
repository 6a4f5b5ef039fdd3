// The collections, with every poll open; the last one's ballots are final. Requests aren't logged.
const CANDIDATES = 5;
const POLLS = Number($os.getenv("POLLS"));

const text = (name, more) => ({ name, type: "text", required: true, ...more });
const relation = (name, to) => ({ name, type: "relation", collectionId: to.id, required: true });
const number = text("id", { system: true, primaryKey: true, max: 15, pattern: "^[0-9]+$" });

migrate((app) => {
  const keep = (name, fields, indexes = []) => {
    const collection = new Collection({ type: "base", name, fields, indexes });
    app.save(collection);
    return collection;
  };
  const polls = keep("polls", [
    number,
    { name: "state", type: "select", values: ["open", "closed"], required: true },
    { name: "allow_change", type: "bool" },
  ]);
  const candidates = keep("candidates", [number, relation("poll", polls)]);
  keep(
    "ballots",
    [relation("poll", polls), text("voter"), relation("candidate", candidates), text("receipt")],
    ["CREATE UNIQUE INDEX one_ballot ON ballots (poll, voter)"],
  );
  for (let poll = 1; poll <= POLLS; poll++) {
    app.save(new Record(polls, { id: `${poll}`, state: "open", allow_change: poll < POLLS }));
    for (let place = 1; place <= CANDIDATES; place++) {
      const id = `${CANDIDATES * (poll - 1) + place}`;
      app.save(new Record(candidates, { id, poll: `${poll}` }));
    }
  }

  const settings = app.settings();
  settings.logs.maxDays = 0;
  app.save(settings);
  // Where there is no superuser, the first start opens a browser to make one.
  const superusers = app.findCollectionByNameOrId("_superusers");
  const password = $security.randomString(32);
  app.save(new Record(superusers, { email: "host@example.org", password }));
});
