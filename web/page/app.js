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
/** The server takes this conversation to be over, as a connection to it broke; between the two it goes on. */
let isOnItsOwn = false;

start.addEventListener("click", search);
next.addEventListener("click", () => {
  if (isOnItsOwn || !signaling) search();
  else signaling.say({ type: "skip", matchId: peer?.matchId });
});
stop.addEventListener("click", () => {
  if (isOnItsOwn || !signaling) rest();
  else signaling.say({ type: "stop" });
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (text.value === "" || !peer?.send(text.value)) return;
  write("you", `You: ${text.value}`);
  text.value = "";
});

addEventListener("pagehide", () => {
  signaling?.close();
  signaling = undefined;
});

const ENDINGS = {
  skipped: "The stranger went on to the next.",
  stopped: "The stranger stopped. Press Start to look for another.",
  left: "The stranger left.",
};

function search() {
  leavePeer();
  show("Connecting to the server …", { searching: true });
  signaling ??= new Signaling(new URL("/ws?v=1", location.href), onMessage, onClose);
  signaling.say({ type: "search" });
}

function rest() {
  leavePeer();
  show("Stopped. Press Start to look for a stranger.", {});
}

function onMessage(message) {
  // What comes now is about the queue, which this person is on the way out of.
  if (isOnItsOwn && message.type !== "error") return;
  switch (message.type) {
    case "waiting":
      leavePeer();
      show("Looking for a stranger …", { searching: true });
      break;
    case "matched":
      meet(message);
      break;
    case "resumed":
      takeUp(message);
      break;
    case "peer-reconnecting":
      write("note", "The stranger has lost the server, and may come back to it.");
      break;
    case "signal":
      if (message.matchId === peer?.matchId) peer.receive(message);
      break;
    case "ended":
      if (message.reason === "left" && peer?.isOpen) {
        goOn("The stranger has lost the server.");
        signaling?.say({ type: "stop" });
        break;
      }
      leavePeer();
      write("note", ENDINGS[message.reason]);
      show(ENDINGS[message.reason], {});
      break;
    case "stopped":
      rest();
      break;
    case "error":
      if (message.code !== "not-matched") write("note", `The server says: ${message.message}`);
      break;
  }
}

function meet({ matchId, role, iceServers }) {
  lines.replaceChildren();
  show("A stranger is there. Connecting …", { matched: true });
  peer = new Peer(matchId, role, iceServers, {
    signal: (payload) => signaling?.say({ type: "signal", matchId, ...payload }),
    opened: () => {
      show("You are talking with a stranger.", { matched: true, talking: true });
      text.focus();
    },
    said: (words) => write("stranger", `Stranger: ${words.slice(0, MAX_TEXT)}`),
    lost: onLost,
  });
}

/** The server has forgotten nothing, but the match may have ended meanwhile. */
function takeUp({ at, match }) {
  if (match && match.matchId === peer?.matchId) return;
  if (peer) write("note", ENDINGS.left);
  leavePeer();
  if (match) meet(match);
  else if (at === "waiting") show("Looking for a stranger …", { searching: true });
  else rest();
}

/** A conversation needs the server only to begin. */
function goOn(why) {
  isOnItsOwn = true;
  write("note", `${why} You can go on talking.`);
  show("You are talking with a stranger, without the server.", { matched: true, talking: true });
}

function onLost() {
  if (isOnItsOwn) {
    write("note", ENDINGS.left);
    search();
  } else show("The connection to the stranger is lost. Press Next for another.", { matched: true });
}

function onClose(reason) {
  signaling = undefined;
  if (peer?.isOpen) {
    if (!isOnItsOwn) goOn("The connection to the server is lost.");
    return;
  }
  leavePeer();
  show(`The connection to the server is closed${reason && `: ${reason}`}. Press Start to try again.`, {});
}

function leavePeer() {
  isOnItsOwn = false;
  peer?.close();
  peer = undefined;
}

function show(words, { searching = false, matched = false, talking = false }) {
  const focused = document.activeElement;
  status.textContent = words;
  start.disabled = searching || matched;
  next.disabled = !matched;
  stop.disabled = !(searching || matched);
  text.disabled = send.disabled = !talking;
  // Who uses the keyboard stays here: one Tab before the buttons, and on none, as a key may be on its way down.
  if (focused?.disabled) status.focus();
}

function write(who, words) {
  const line = document.createElement("li");
  line.className = who;
  line.textContent = words;
  lines.append(line);
  while (lines.childElementCount > MAX_LINES) lines.firstElementChild?.remove();
  line.scrollIntoView({ block: "nearest" });
}
