// A voting page in the manner of those that were written against an earlier server: axios with its
// own headers, forms by qs.stringify, the token bare and in a cookie, statuses alone to tell what
// went wrong, and candidates fetched again whenever they have come.
import axios from "axios";
import Cookies from "js-cookie";
import qs from "qs";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { io } from "socket.io-client";

const SERVER = new URLSearchParams(location.search).get("server");
axios.defaults.baseURL = SERVER;

const SIGN_UP_ERRORS = { 400: "Something is missing", 409: "That email is taken" };
const SIGN_IN_ERRORS = { 400: "Something is missing", 404: "No such user" };

function Form({ title, fields, send, errors, done }) {
  const [values, setValues] = useState({});
  const [message, setMessage] = useState("");

  const submit = async (event) => {
    event.preventDefault();
    try {
      done(await send(qs.stringify(values)));
      setMessage(`${title}: done`);
    } catch (error) {
      setMessage(errors[error.response.status] ?? `Error ${error.response.status}`);
    }
  };

  return (
    <form aria-label={title} onSubmit={submit}>
      {fields.map((field) => (
        <input
          key={field}
          aria-label={`${title} ${field}`}
          onChange={({ target }) => setValues({ ...values, [field]: target.value })}
        />
      ))}
      <button>{title}</button>
      <output>{message}</output>
    </form>
  );
}

function Ranks() {
  const [candidates, setCandidates] = useState([]);
  const [message, setMessage] = useState("");

  useEffect(() => {
    // what comes is a new array each time: this never rests, and that is how they are
    axios.get("/candidates").then(({ data }) => setCandidates(data));
  }, [candidates]);

  const vote = async (id) => {
    try {
      const headers = { Authorization: Cookies.get("token") };
      const { data } = await axios.get("/vote", { params: { id }, headers });
      setMessage(`Thank you: ${data}`);
    } catch (error) {
      setMessage(`Error ${error.response.status}`);
    }
  };

  return (
    <section>
      <output aria-label="Vote">{message}</output>
      <ol aria-label="Ranks">
        {[...candidates]
          .sort((one, other) => other.voteCount - one.voteCount)
          .map(({ id, name, voteCount }) => (
            <li key={id}>
              {name}: {voteCount} <button onClick={() => vote(id)}>Vote for {name}</button>
            </li>
          ))}
      </ol>
    </section>
  );
}

function Chat() {
  const [socket] = useState(() => io(SERVER));
  const [userid, setUserid] = useState("");
  const [typed, setTyped] = useState("");
  const [online, setOnline] = useState(0);
  const [lines, setLines] = useState([]);

  useEffect(() => {
    socket.on("useridRecieved", setUserid);
    socket.on("duplicateUserid", (name) => setUserid(`${name} is taken`));
    socket.on("usersOnline", setOnline);
    socket.on("msgRecieved", (line) => setLines((before) => [...before, line]));
    return () => socket.off();
  }, [socket]);

  return (
    <section>
      <input aria-label="Say" onChange={({ target }) => setTyped(target.value)} />
      <button onClick={() => socket.emit("useridInput", typed, () => {})}>Be</button>
      <button onClick={() => socket.emit("globalChat", typed, () => {})}>Send</button>
      <output aria-label="Me">{userid}</output>
      <output aria-label="Online">{online}</output>
      <ul aria-label="Lines">
        {lines.map(({ userid, data }, position) => (
          <li key={position}>
            {userid}: {data}
          </li>
        ))}
      </ul>
    </section>
  );
}

createRoot(document.getElementById("root")).render(
  <>
    <Form
      title="Sign up"
      fields={["email", "name", "password"]}
      send={(body) => axios.post("/auth/signup", body)}
      errors={SIGN_UP_ERRORS}
      done={() => {}}
    />
    <Form
      title="Sign in"
      fields={["email", "password"]}
      send={(body) => axios.post("/auth/login", body)}
      errors={SIGN_IN_ERRORS}
      done={({ data }) => Cookies.set("token", data)}
    />
    <Ranks />
    <Chat />
  </>,
);
