// The page: signing in, the connection, and the open room.

import { element } from "./element.js";
import { Room } from "./room.js";
import * as server from "./server.js";

const $ = (selector) => document.querySelector(selector);

/** Shorter than pusher-js's defaults, 30 and 10 seconds, to notice a lost connection soon. */
const PONG_TIMEOUT_MS = 6000;
const UNAVAILABLE_TIMEOUT_MS = 5000;

let session = null;
let pusher = null;
let room = null;

async function start() {
  try {
    session = await server.session();
    session.unsent = new Map();
  } catch (error) {
    return showSignIn(error.status === 401 ? "" : "The server does not answer.");
  }
  $("#sign-in").hidden = true;
  $("#chat").hidden = false;
  $("#me").textContent = session.user.name;
  connect(session.connect);
  openRoom();
}

function connect({ key, forceTLS, wsHost, port, wsPath }) {
  pusher = new Pusher(key, {
    cluster: "", // Not needed: it would only determine the host.
    wsHost, wsPath, wsPort: port, wssPort: port, forceTLS,
    enabledTransports: ["ws", "wss"],
    channelAuthorization: { endpoint: "/pusher/auth" },
    pongTimeout: PONG_TIMEOUT_MS,
    unavailableTimeout: UNAVAILABLE_TIMEOUT_MS,
  });
  const show = () => {
    const { state } = pusher.connection;
    $("#connection").textContent = state;
    $("#connection").dataset.state = state;
  };
  pusher.connection.bind("state_change", show);
  show();
}

/** Opens the room in the page's address, or the first of the user's own rooms. */
function openRoom() {
  if (!session) return;
  const named = session.rooms.find(({ id }) => location.hash === `#room-${id}`);
  const open = named ?? session.rooms.find(({ is_member }) => is_member) ?? session.rooms[0];
  room?.close();
  $("#room-title").textContent = open.name;
  $("#rooms").replaceChildren(...session.rooms.map((each) => roomLink(each, each === open)));
  room = new Room(open, session.user, pusher, session.unsent, () => close("Your session has ended."));
}

function roomLink({ id, name, is_member }, isOpen) {
  const link = element("a", { href: `#room-${id}` }, name);
  if (isOpen) link.setAttribute("aria-current", "page");
  if (!is_member) link.append(" ", element("small", {}, "members only"));
  return element("li", {}, link);
}

function close(words = "") {
  room?.close();
  pusher?.disconnect();
  session = pusher = room = null;
  showSignIn(words);
}

async function showSignIn(words) {
  $("#chat").hidden = true;
  $("#sign-in").hidden = false;
  $("#sign-in-said").textContent = words;
  try {
    const users = await server.users();
    $("#users").replaceChildren(...users.map((user) => {
      const button = element("button", {}, user.name);
      button.addEventListener("click", () => signIn(user.id));
      return element("li", {}, button);
    }));
  } catch {
    $("#sign-in-said").textContent = "The server does not answer. Load the page again.";
  }
}

async function signIn(userId) {
  try {
    await server.signIn(userId);
    await start();
  } catch (error) {
    $("#sign-in-said").textContent = error.message;
  }
}

function sendText() {
  const text = $("#text").value.trim();
  if (!text || !room) return;
  $("#text").value = "";
  room.send(text);
}

$("#composer").addEventListener("submit", (event) => {
  event.preventDefault();
  sendText();
  $("#text").focus();
});
$("#text").addEventListener("keydown", (event) => {
  // Enter can also end a composition, such as in Japanese; that must not send the message.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendText();
});
$("#text").addEventListener("input", () => $("#text").value && room?.typed());
$("#sign-out").addEventListener("click", async () => {
  try {
    await server.signOut();
    close();
  } catch (error) {
    $("#notice").textContent = `You are still signed in: ${error.message}`;
  }
});
addEventListener("hashchange", openRoom);

start();
