/** The page: buttons and words. What goes to the server is in signaling.js, what goes to the stranger in peer.js. */
import { Peer } from "./peer.js";
import { Signaling } from "./signaling.js";

const MAX_LINES = 500;
const MAX_TEXT = 2_000;

const element = (id) => document.getElementById(id);
const [status, lines, form, text] = ["status", "lines", "form", "text"].map(element);
const [start, next, stop, send] = ["start", "next", "stop", "send"].map(element);

/** @type {Signaling | undefined} */
let signaling;
/** @type {Peer | undefined} */
let peer;

start.addEventListener("click", () => {
  show("Connecting to the server …", { searching: true });
  signaling ??= new Signaling(new URL("/ws?v=1", location.href), onMessage, onClose);
  signaling.say({ type: "search" });
});
next.addEventListener("click", () => signaling?.say({ type: "skip", matchId: peer?.matchId }));
stop.addEventListener("click", () => signaling?.say({ type: "stop" }));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (text.value === "" || !peer?.send(text.value)) return;
  write("you", `You: ${text.value}`);
  text.value = "";
});

const ENDINGS = {
  skipped: "The stranger went on to the next.",
  stopped: "The stranger stopped. Press Start to look for another.",
  left: "The stranger left.",
};

function onMessage(message) {
  switch (message.type) {
    case "waiting":
      leavePeer();
      show("Looking for a stranger …", { searching: true });
      break;
    case "matched":
      meet(message);
      break;
    case "signal":
      if (message.matchId === peer?.matchId) peer.receive(message);
      break;
    case "ended":
      leavePeer();
      write("note", ENDINGS[message.reason]);
      show(ENDINGS[message.reason], {});
      break;
    case "stopped":
      leavePeer();
      show("Stopped. Press Start to look for a stranger.", {});
      break;
    case "error":
      if (message.code !== "not-matched") write("note", `The server says: ${message.message}`);
      break;
  }
}

function meet({ matchId, role }) {
  lines.replaceChildren();
  show("A stranger is there. Connecting …", { matched: true });
  peer = new Peer(matchId, role, {
    signal: (payload) => signaling?.say({ type: "signal", matchId, ...payload }),
    opened: () => show("You are talking with a stranger.", { matched: true, talking: true }),
    said: (words) => write("stranger", `Stranger: ${words.slice(0, MAX_TEXT)}`),
    lost: () => show("The connection to the stranger is lost. Press Next for another.", { matched: true }),
  });
}

function onClose(reason) {
  signaling = undefined;
  leavePeer();
  show(`The connection to the server is closed${reason && `: ${reason}`}. Press Start to try again.`, {});
}

function leavePeer() {
  peer?.close();
  peer = undefined;
}

function show(words, { searching = false, matched = false, talking = false }) {
  status.textContent = words;
  start.disabled = searching || matched;
  next.disabled = !matched;
  stop.disabled = !(searching || matched);
  text.disabled = send.disabled = !talking;
  if (talking) text.focus();
}

function write(who, words) {
  const line = document.createElement("li");
  line.className = who;
  line.textContent = words;
  lines.append(line);
  while (lines.childElementCount > MAX_LINES) lines.firstElementChild?.remove();
  line.scrollIntoView({ block: "nearest" });
}
