/**
 * The page for games that have none: it lists the rooms, joins one, shows its state and sends inputs and commands. The address
 * names the room that the page is in, so that another page joins it by the same address.
 */

/** @typedef {import("/client/drumline.js").Room} Room */

import { join, listAll } from "/client/drumline.js";
import { byId, write } from "./elements.js";
import { reasonOf } from "./format.js";
import { fillHint } from "./hint.js";
import { showRoom } from "./room-view.js";
import { RoomList } from "./rooms.js";

/** The room that the page is in. @type {{ room: Room, stop: () => void } | undefined} */
let current;
/** True while a room is being joined. */
let busy = false;

const rooms = new RoomList({
  join: (choice) => void enter(async () => join("", { ...choice, ...player(), resume: sessionStorage })),
  watch: (choice) => void enter(() => join("", { ...choice, spectate: true })),
});

byId("leave").addEventListener("click", () => void leave());
addEventListener("hashchange", () => void follow());
await follow();
fillHint(current ? [{ name: current.room.game }] : rooms.games);

/** The player, as the fields say. */
function player() {
  const [name, options] = ["name", "join-options"].map((id) => /** @type {HTMLInputElement} */ (byId(id)).value.trim());
  return { name: name || undefined, joinOptions: options === "" ? undefined : JSON.parse(options) };
}

/** The room that the address names. */
function wanted() {
  return new URLSearchParams(location.hash.slice(1)).get("room") ?? undefined;
}

/** This page's address with a room, or without one. @param {string} [room] */
function addressOf(room) {
  const { pathname, search } = location;
  return room === undefined ? pathname + search : `${pathname}${search}#room=${encodeURIComponent(room)}`;
}

/** Goes to the room that the address names, or to the list. */
async function follow() {
  const id = wanted();
  if (id === current?.room.id && id !== undefined) return;
  await leaveRoom();
  if (id === undefined) {
    await showList("");
  } else {
    await enter(() => joinNamed(id));
  }
}

/** @param {string} id @returns {Promise<Room>} */
async function joinNamed(id) {
  for await (const { id: room, game } of listAll("")) {
    if (room === id) return join("", { game, room, resume: sessionStorage });
  }
  throw new Error(`there is no open room ${id}`);
}

/**
 * Enters a room, or shows why that was not possible.
 *
 * @param {() => Promise<Room>} take
 */
async function enter(take) {
  if (busy) return;
  busy = true;
  byId("lobby").setAttribute("aria-busy", "true");
  write(byId("status"), "Joining…");
  try {
    show(await take());
  } catch (error) {
    history.replaceState(null, "", addressOf());
    await showList(reasonOf(error));
  } finally {
    busy = false;
    byId("lobby").removeAttribute("aria-busy");
  }
}

/** @param {Room} room */
function show(room) {
  rooms.stop();
  if (!room.spectator && wanted() !== room.id) history.pushState(null, "", addressOf(room.id));
  byId("lobby").hidden = true;
  byId("room").hidden = false;
  /** @type {HTMLDetailsElement} */ (byId("hint")).open = false;
  byId("second").setAttribute("href", addressOf(room.id));
  write(byId("second"), room.spectator ? "Open a player" : "Open a second player");
  current = { room, stop: showRoom(room) };
  const state = () => {
    write(byId("status"), !room.connected ? "Reconnecting…" : room.spectator ? "Watching" : "Connected");
    byId("status").dataset.state = room.connected ? "good" : "bad";
  };
  state();
  room.on("reconnecting", state);
  room.on("resumed", state);
  room.on("close", ({ code, reason, error }) => {
    if (current?.room !== room) return;
    end();
    history.replaceState(null, "", addressOf());
    void showList(`The room is over: ${error?.message || reason || `code ${code}`}`);
  });
  byId("room-name").focus();
}

/** Leaves the room and shows the list. */
async function leave() {
  await leaveRoom();
  history.pushState(null, "", addressOf());
  await showList("");
}

/** Leaves the room, if the page is in one. */
async function leaveRoom() {
  const room = current?.room;
  end();
  await room?.leave();
}

function end() {
  current?.stop();
  current = undefined;
}

/** @param {string} problem to show above the list */
async function showList(problem) {
  byId("room").hidden = true;
  byId("lobby").hidden = false;
  write(byId("problem"), problem);
  write(byId("status"), "");
  await rooms.start();
}
