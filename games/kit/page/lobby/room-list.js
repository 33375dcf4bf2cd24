/**
 * The rooms of a game, each with its players and a way in.
 * @module
 */

import { make, write } from "../ui/elements.js";

/** @typedef {import("/client/drumline.js").RoomInfo} RoomInfo */
/** @typedef {import("/client/drumline.js").RoomList} Rooms */
/** @typedef {{ line: HTMLElement, join: HTMLButtonElement } & Record<"id" | "mode" | "seats" | "way", HTMLElement>} Row */

/** Rooms that are over, or soon will be, are of no use to who is looking for one. */
const STATES = ["created", "open", "locked"];

export class RoomList {
  /** To be put in the page. */
  element;
  #list = make("ul", { id: "rooms" });
  #summary = make("p", { id: "rooms-summary" });
  #nothing = make("p", { class: "nothing" }, "Looking for rooms…");
  /** @type {Map<string, Row>} By the rooms' ids. */
  #rows = new Map();
  #titleOf;
  #onJoin;

  /**
   * @param {(mode: string) => string} titleOf A mode, for players.
   * @param {(id: string) => void} onJoin
   */
  constructor(titleOf, onJoin) {
    this.#titleOf = titleOf;
    this.#onJoin = onJoin;
    const heading = make("header", {}, make("h2", { id: "rooms-title" }, "Rooms"), this.#summary);
    this.element = make("section", { id: "room-list", "aria-labelledby": "rooms-title" }, heading, this.#nothing, this.#list);
  }

  /** @param {Rooms} rooms */
  show({ rooms, next }) {
    const open = rooms.filter(({ state }) => STATES.includes(state));
    const players = open.reduce((sum, room) => sum + room.players, 0);
    write(this.#summary, open.length === 0 ? "" : `${open.length}${next ? "+" : ""} open · ${players} playing`);
    write(this.#nothing, open.length === 0 ? "No room is open. Press Play, and yours is the first." : "");
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

  /** The list cannot be had now; what is shown is old. */
  fail() {
    write(this.#summary, "");
    write(this.#nothing, "The list of rooms cannot be had right now. It will be tried again.");
    this.#nothing.hidden = false;
    this.#list.hidden = true;
  }

  /** @param {string} id */
  #add(id) {
    const [name, mode, seats, way] = ["id", "mode", "seats", "way"].map((part) => make("span", { class: part }));
    const join = make("button", { type: "button" }, name, mode, seats, way);
    const line = make("li", {}, join);
    join.addEventListener("click", () => this.#onJoin(id));
    this.#list.append(line);
    const row = { line, join, id: name, mode, seats, way };
    this.#rows.set(id, row);
    return row;
  }

  /**
   * @param {Row} row
   * @param {RoomInfo} room
   */
  #fill({ join, id, mode, seats, way }, room) {
    const title = this.#titleOf(room.mode);
    const closed = closedFor(room);
    write(id, room.id);
    write(mode, title);
    write(seats, `${room.players}/${room.max_players}`);
    write(way, closed ?? "Join");
    seats.style.setProperty("--share", String(room.players / room.max_players));
    join.disabled = closed !== null;
    const words = [`${closed ?? "Join"}: room ${room.id}`, title, `${room.players} of ${room.max_players} players`];
    join.setAttribute("aria-label", words.filter((word) => word !== "").join(", "));
  }

  /** @param {string} id */
  #remove(id) {
    this.#rows.get(id)?.line.remove();
    this.#rows.delete(id);
  }

  /**
   * The fullest that can be joined come first; but nothing moves away from under a finger.
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
 * Why a room cannot be joined, in a word; null if it can.
 * @param {RoomInfo} room
 */
function closedFor({ state, players, max_players }) {
  if (state === "locked") return "Locked";
  return players >= max_players ? "Full" : null;
}
