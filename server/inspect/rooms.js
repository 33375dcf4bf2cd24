/** The games of the server and their open rooms, listed anew while they are shown. */

/** @typedef {import("/client/drumline.js").RoomInfo} RoomInfo */
/** @typedef {{ name: string, max_players?: number, tick_rate_hz?: number }} GameInfo */
/** @typedef {{ game: string, room?: string }} Choice `room`: an id, or `new`; without it the server chooses one */
/** @typedef {{ join: (choice: Choice) => void, watch: (choice: Choice) => void }} Actions */

import { list } from "/client/drumline.js";
import { byId, make, sync, write } from "./elements.js";
import { compact, counted, reasonOf } from "./format.js";

const PERIOD_MS = 2000;
/** The most rooms that are listed. */
const MAX_ROOMS = 100;

/** Lists the rooms until it is stopped. */
export class RoomList {
  /** The games, as far as they are known. @type {GameInfo[]} */
  games = [];
  #actions;
  #timer = 0;
  #loading = false;

  /** @param {Actions} actions of the buttons */
  constructor(actions) {
    this.#actions = actions;
  }

  start() {
    this.stop();
    this.#timer = setInterval(() => void this.#refresh(), PERIOD_MS);
    return this.#refresh();
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #refresh() {
    if (this.#loading || document.hidden) return;
    this.#loading = true;
    try {
      const known = this.games.length > 0 ? this.games : loadGames();
      const [games, { rooms, next }] = await Promise.all([known, list("", { limit: MAX_ROOMS })]);
      this.games = withGamesOf(games, rooms);
      this.#show(rooms);
      write(byId("rooms-note"), next === null ? "" : `These are the first ${MAX_ROOMS} rooms.`);
    } catch (error) {
      write(byId("rooms-note"), reasonOf(error));
    } finally {
      this.#loading = false;
    }
  }

  /** @param {RoomInfo[]} rooms */
  #show(rooms) {
    const create = (/** @type {GameInfo} */ game) => this.#gameElement(game);
    sync(byId("games"), this.games, ({ name }) => name, create, (element, { name }) => {
      const theirs = rooms.filter(({ game }) => game === name);
      const [body, none] = [element.getElementsByTagName("tbody")[0], element.getElementsByClassName("none")[0]];
      sync(body, theirs, ({ id }) => id, (room) => this.#row(room), updateRow);
      element.getElementsByTagName("table")[0].hidden = theirs.length === 0;
      /** @type {HTMLElement} */ (none).hidden = theirs.length > 0;
    });
    write(byId("no-games"), this.games.length > 0 ? "" : "No room is open.");
  }

  /** @param {GameInfo} info */
  #gameElement({ name: game, max_players: seats, tick_rate_hz: rate }) {
    const facts = [seats && counted(seats, "seat"), rate && counted(rate, "tick") + " a second"].filter(Boolean).join(", ");
    const join = () => this.#actions.join({ game });
    const open = () => this.#actions.join({ game, room: "new" });
    const heads = ["Room", "State", "Players", ""].map((name) => make("th", { scope: "col" }, name));
    return make(
      "section",
      { class: "game" },
      make(
        "div",
        { class: "bar" },
        make("h3", {}, game),
        make("span", { class: "quiet" }, facts),
        make(
          "div",
          { class: "buttons" },
          make("button", { type: "button", class: "primary", click: join, "aria-label": `Join a room of ${game}` }, "Join"),
          make("button", { type: "button", click: open, "aria-label": `New room of ${game}` }, "New room"),
        ),
      ),
      make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody")),
      make("p", { class: "none quiet" }, "No room is open."),
    );
  }

  /** @param {RoomInfo} room */
  #row({ id: room, game, spectate }) {
    const join = () => this.#actions.join({ game, room });
    const watch = () => this.#actions.watch({ game, room });
    const watching = make("button", { type: "button", class: "small", click: watch, "aria-label": `Watch ${room}` }, "Watch");
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, make("code", {}, room), make("span", { class: "about" })),
      make("td"),
      make("td"),
      make(
        "td",
        { class: "actions" },
        make("button", { type: "button", class: "small", click: join, "aria-label": `Join ${room}` }, "Join"),
        ...(spectate ? [watching] : []),
      ),
    );
  }
}

/**
 * @param {HTMLElement} row
 * @param {RoomInfo} room
 */
function updateRow(row, { mode, metadata, state, players, max_players: seats }) {
  const [head, stateCell, playersCell] = row.children;
  write(head.children[1], [mode, compact(metadata)].filter(Boolean).join(" "));
  write(stateCell, state);
  write(playersCell, `${players} of ${seats}`);
  row.getElementsByTagName("button")[0].disabled = players >= seats;
}

/** @returns {Promise<GameInfo[]>} none if the server does not list its games */
async function loadGames() {
  const response = await fetch("/api/games");
  return response.ok ? (await response.json()).games : [];
}

/**
 * @param {GameInfo[]} games
 * @param {RoomInfo[]} rooms
 */
function withGamesOf(games, rooms) {
  const all = new Map(games.map((game) => [game.name, game]));
  for (const { game: name, max_players } of rooms) {
    if (!all.has(name)) all.set(name, { name, max_players });
  }
  return [...all.values()];
}
