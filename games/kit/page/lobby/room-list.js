/**
 * The list of a game's rooms, each with its number of players, what its game says of it, and buttons to join and to watch.
 * @module
 */

import { make, write } from "../ui/elements.js";
import { tagsOf } from "./room-tags.js";

/** @typedef {import("/client/drumline.js").RoomInfo} RoomInfo */
/** @typedef {import("/client/drumline.js").RoomList} Rooms */
/**
 * @typedef {{ line: HTMLElement, join: HTMLButtonElement, watch: HTMLButtonElement }
 *   & Record<"id" | "mode" | "tags" | "seats" | "way", HTMLElement>} Row
 */

/** Closed and draining rooms are not listed. */
const STATES = ["created", "open", "locked"];

export class RoomList {
  /** The caller puts it into the page. */
  element;
  #list = make("ul", { id: "rooms" });
  #summary = make("p", { id: "rooms-summary" });
  #nothing = make("p", { class: "nothing" }, "Loading rooms…");
  /** @type {Map<string, Row>} By room id. */
  #rows = new Map();
  #titleOf;
  #onJoin;
  #onWatch;

  /**
   * @param {(mode: string) => string} titleOf A mode's title for players.
   * @param {(id: string) => void} onJoin
   * @param {(id: string) => void} onWatch
   */
  constructor(titleOf, onJoin, onWatch) {
    this.#titleOf = titleOf;
    this.#onJoin = onJoin;
    this.#onWatch = onWatch;
    const heading = make("header", {}, make("h2", { id: "rooms-title" }, "Rooms"), this.#summary);
    this.element = make("section", { id: "room-list", "aria-labelledby": "rooms-title" }, heading, this.#nothing, this.#list);
  }

  /** @param {Rooms} rooms */
  show({ rooms, next }) {
    const open = rooms.filter(({ state }) => STATES.includes(state));
    const players = open.reduce((sum, room) => sum + room.players, 0);
    write(this.#summary, open.length === 0 ? "" : `${open.length}${next ? "+" : ""} open · ${players} playing`);
    write(this.#nothing, open.length === 0 ? "No rooms are open. Press Play to start one." : "");
    this.#nothing.hidden = open.length > 0;
    this.#list.hidden = open.length === 0;
    const gone = new Set(this.#rows.keys());
    for (const room of open) {
      gone.delete(room.id);
      this.#fill(this.#rows.get(room.id) ?? this.#add(room.id), room);
    }
    for (const id of gone) this.#remove(id);
    this.#sort(open);
  }

  /** Replaces the list by an error: its rooms are out of date. */
  fail() {
    write(this.#summary, "");
    write(this.#nothing, "Can't load the room list. Retrying…");
    this.#nothing.hidden = false;
    this.#list.hidden = true;
  }

  /** @param {string} id */
  #add(id) {
    const parts = ["id", "mode", "seats", "way", "tags"].map((part) => make("span", { class: part }));
    const [name, mode, seats, way, tags] = parts;
    const join = make("button", { type: "button", class: "join" }, ...parts);
    const watch = make("button", { type: "button", class: "watch", "aria-label": `Watch: room ${id}` }, "Watch");
    const line = make("li", {}, join, watch);
    join.addEventListener("click", () => this.#onJoin(id));
    watch.addEventListener("click", () => this.#onWatch(id));
    this.#list.append(line);
    const row = { line, join, watch, id: name, mode, tags, seats, way };
    this.#rows.set(id, row);
    return row;
  }

  /**
   * @param {Row} row
   * @param {RoomInfo} room
   */
  #fill({ join, watch, id, mode, tags, seats, way }, room) {
    const title = this.#titleOf(room.mode);
    const said = tagsOf(room);
    const closed = closedFor(room);
    write(id, room.id);
    write(mode, title);
    // The text of all tags together says whether any has changed.
    if (tags.textContent !== said.join("")) tags.replaceChildren(...said.map((tag) => make("span", { class: "tag" }, tag)));
    watch.hidden = room.spectate !== true;
    write(seats, `${room.players}/${room.max_players}`);
    write(way, closed ?? "Join");
    seats.style.setProperty("--share", String(room.players / room.max_players));
    join.disabled = closed !== null;
    const words = [`${closed ?? "Join"}: room ${room.id}`, title, `${room.players} of ${room.max_players} players`, ...said];
    join.setAttribute("aria-label", words.filter((word) => word !== "").join(", "));
  }

  /** @param {string} id */
  #remove(id) {
    this.#rows.get(id)?.line.remove();
    this.#rows.delete(id);
  }

  /**
   * Sorts joinable rooms first, fullest first. The order does not change under the pointer or while a line has the focus.
   * @param {RoomInfo[]} rooms
   */
  #sort(rooms) {
    if (this.#list.matches(":hover, :focus-within")) return;
    const sorted = [...rooms].sort(
      (a, b) => Number(closedFor(a) !== null) - Number(closedFor(b) !== null) || b.players - a.players || (a.id < b.id ? -1 : 1),
    );
    const lines = sorted.map(({ id }) => this.#rows.get(id)?.line).filter((line) => line !== undefined);
    if (lines.some((line, index) => this.#list.children[index] !== line)) this.#list.replaceChildren(...lines);
  }
}

/**
 * The reason why a room cannot be joined, in one word; null if it can.
 * @param {RoomInfo} room
 */
function closedFor({ state, players, max_players }) {
  if (state === "locked") return "Locked";
  return players >= max_players ? "Full" : null;
}
