/** A joined room: its state, its players, what happens in it, and the forms to act in it. */

/** @typedef {import("/client/drumline.js").Room} Room */

import { showCommandForm } from "./command-form.js";
import { byId, make, sync, write } from "./elements.js";
import { compact, counted, reasonOf, sized } from "./format.js";
import { showInputForm } from "./input-form.js";
import { showTables } from "./tables.js";

/** The state is shown anew so often: readable, and cheap for the browser. */
const PERIOD_MS = 200;
/** The most events and chat messages that are shown. */
const MAX_LINES = 30;

/**
 * Shows a room until it is stopped.
 *
 * @param {Room} room
 * @returns {() => void} stops it
 */
export function showRoom(room) {
  byId("log").replaceChildren();
  byId("acting").hidden = room.spectator;
  byId("chat").hidden = room.spectator || !room.chats;
  write(byId("room-name"), `${room.game} ${room.id}`);
  const updateTables = showTables(byId("tables"), room);
  if (!room.spectator) {
    showInputForm(byId("input"), room);
    showCommandForm(byId("command"), room);
  }
  const update = () => {
    if (document.hidden) return;
    updateTables();
    showPlayers(room);
    showFigures(room);
  };
  const timer = setInterval(update, PERIOD_MS);
  update();
  follow(room);
  const chat = byId("chat");
  chat.onsubmit = (event) => void say(event, room);
  return () => clearInterval(timer);
}

/** @param {Room} room */
function showPlayers(room) {
  write(byId("players-count"), `${room.players.length} of ${room.maxPlayers}`);
  const create = () => make("li", {}, make("span", { class: "name" }), make("span", { class: "quiet" }));
  sync(byId("players"), room.players, ({ id }) => String(id), create, (item, { id, name, connected, own }) => {
    item.classList.toggle("own", own);
    item.classList.toggle("away", !connected);
    write(item.children[0], name);
    write(item.children[1], `${own ? "you, " : ""}number ${id}, ${connected ? "connected" : "connection lost"}`);
  });
}

/** @param {Room} room */
function showFigures(room) {
  const { stats } = room;
  const figures = [
    ["Ping", `${Math.round(stats.pingMs)} ms`],
    ["Jitter", `${Math.round(stats.jitterMs)} ms`],
    ["Tick", `${room.tick}`],
    ["Tick rate", `${room.tickRateHz} Hz`],
    ["Updates a second", stats.updatesPerS.toFixed(1)],
    ["Bytes a second", sized(stats.bytesPerS)],
    ["Bytes in all", sized(stats.bytes)],
    ["Inputs sent", stats.inputsSent.toLocaleString("en")],
    ["Inputs missed", stats.inputsMissed.toLocaleString("en")],
    ["Wrong hashes", `${stats.mismatches} of ${stats.hashesChecked.toLocaleString("en")}`],
  ];
  const create = (/** @type {string[]} */ [name]) => make("div", {}, make("dt", {}, name), make("dd"));
  sync(byId("figures"), figures, ([name]) => name, create, (element, [, value]) => write(element.children[1], value));
}

/** Writes what happens in a room into the log. @param {Room} room */
function follow(room) {
  room.on("event", ({ tick, ...event }) => addLine(tick, "event", compact(event)));
  room.on("chat", ({ tick, name, channel, text }) => {
    addLine(tick, "chat", `${name}${channel === "team" ? " to the team" : ""}: ${text}`);
  });
  room.on("draining", ({ seconds }) => addLine(room.tick, "server", `The server stops in ${counted(seconds, "second")}.`));
  room.on("reconnecting", () => addLine(room.tick, "connection", "The connection is lost. Reconnecting…"));
  room.on("resumed", ({ ms }) => addLine(room.tick, "connection", `Back after ${counted(Math.round(ms), "millisecond")}.`));
  room.on("lost", ({ count }) => addLine(room.tick, "connection", `${counted(count, "event")} lost.`));
}

/**
 * @param {number} tick
 * @param {string} source
 * @param {string} text
 */
function addLine(tick, source, text) {
  const log = byId("log");
  log.prepend(make("li", { class: source }, make("span", { class: "quiet" }, `${tick} ${source}`), " ", text));
  while (log.children.length > MAX_LINES) log.lastChild?.remove();
}

/**
 * Sends the chat message of the form.
 *
 * @param {SubmitEvent} event
 * @param {Room} room
 */
async function say(event, room) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("chat-text"));
  try {
    await room.chat(field.value);
    field.value = "";
    write(byId("chat-problem"), "");
  } catch (error) {
    write(byId("chat-problem"), reasonOf(error));
  }
}
