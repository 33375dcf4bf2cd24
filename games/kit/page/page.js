/**
 * Runs a game's page: the start screen, the game, and the dialog after the connection has ended.
 * @module
 */

import { create, join, parseNetwork, shapedWebSocket } from "/client/drumline.js";
import { Chat } from "./hud/chat.js";
import { byId } from "./ui/elements.js";
import { Invite } from "./hud/invite.js";
import { DrainNotice } from "./hud/drain-notice.js";
import { NetworkGraph } from "./hud/network-graph.js";
import { Outage } from "./hud/outage.js";
import { StartScreen } from "./lobby/start-screen.js";
import { describeClose, isAboutRoom, isRoomOver } from "./ui/error-texts.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./lobby/lobby.js").RoomKinds} RoomKinds */
/** @typedef {import("./lobby/lobby.js").RoomChoice} RoomChoice */
/** @typedef {import("./play.js").RunningGame} RunningGame */

/**
 * The WebSocket class to use: with `?net=` in the address, one that simulates a bad network.
 * @param {URLSearchParams} query
 */
function socketOf(query) {
  const network = query.get("net");
  if (network === null) return undefined;
  return shapedWebSocket(WebSocket, parseNetwork(network), { seed: Number(query.get("netseed") ?? 1) });
}

/**
 * The room that the page's address names.
 * @param {URLSearchParams} query
 * @returns {RoomChoice}
 */
function choiceOf(query) {
  const [room, code] = [query.get("room") ?? undefined, query.get("code") ?? undefined];
  return code === undefined ? { room } : { code };
}

/**
 * Creates the room if necessary, and joins it.
 * @param {string} game
 * @param {string} name The player's name.
 * @param {RoomChoice} choice
 * @param {URLSearchParams} query
 */
async function enter(game, name, choice, query) {
  const created = choice.create && (await create("", { game, ...choice.create }));
  const { room: id, code } = created ?? choice;
  // A private room is joined by its code alone.
  const room = await join("", { game, name, room: code === undefined ? id : undefined, code, WebSocket: socketOf(query) });
  return { room, place: { game, room: room.id, code } };
}

/**
 * The parts of a page that differ between games.
 * @typedef {object} GamePage
 * @property {string} name The game's name on the server.
 * @property {RoomKinds} kinds The kinds of rooms that players can create.
 * @property {boolean} teams True if the game has team chat.
 * @property {(room: Room) => RunningGame} begin Starts the game in a joined room.
 * @property {(now: number) => void} drawIdle Draws the background of the start screen. The time is in seconds.
 * @property {(room: Room, player: number) => string} colourOf The colour of a player's name.
 */

/** @param {GamePage} page */
export function runPage({ name, kinds, teams, begin, drawIdle, colourOf }) {
  const query = new URLSearchParams(location.search);
  const start = new StartScreen(name, kinds, (player, choice) => void play(player, choice));
  const lost = byId("lost");
  const outage = new Outage();
  const graph = new NetworkGraph();
  const chat = new Chat(colourOf, teams);
  const notice = new DrainNotice();
  const invite = new Invite(() => {
    leaving = true;
    current?.leave();
  });
  /** @type {RunningGame | null} */
  let game = null;
  /** @type {Room | null} */
  let current = null;
  let leaving = false;
  let lastName = "";
  /** @type {RoomChoice} The room that "Play again" joins. */
  let lastChoice = {};
  let lastFrame = performance.now();

  /**
   * Joins a room and starts the game, or shows why joining failed.
   * @param {string} player
   * @param {RoomChoice} choice
   */
  async function play(player, choice) {
    lastName = player;
    start.showJoining();
    try {
      const { room, place } = await enter(name, player, choice, query);
      start.hide();
      lastChoice = choice.create ? { room: place.room, code: place.code } : choice;
      current = room;
      leaving = false;
      const joined = begin(room);
      game = joined;
      outage.watch(room);
      graph.watch(room);
      chat.watch(room);
      notice.watch(room);
      invite.show(place);
      if (choice.create?.private) invite.open();
      room.on("close", (close) => end(joined, close));
      window.addEventListener("pagehide", () => room.leave(), { once: true });
      Object.assign(window, { [name]: { room } });
    } catch (error) {
      // The error text offers Play to join any room, so the button must not try this room again.
      if (isAboutRoom(error)) start.choose({});
      start.show(error);
    }
  }

  /**
   * @param {RunningGame} joined
   * @param {{ code: number, reason: string, error?: unknown }} close
   */
  function end(joined, close) {
    joined.freeze();
    if (isRoomOver(close)) lastChoice = {};
    if (leaving) {
      toLobby();
      return;
    }
    byId("reason").textContent = describeClose(close);
    lost.hidden = false;
    byId("again").focus();
  }

  function toLobby() {
    lost.hidden = true;
    game = null;
    start.show();
  }

  /** @param {number} now In milliseconds. */
  function frame(now) {
    const elapsed = Math.max(0, (now - lastFrame) / 1000);
    lastFrame = now;
    if (game) game.frame(now, elapsed);
    else drawIdle(now / 1000);
    outage.frame(now);
    graph.frame(now);
    notice.frame(now);
    requestAnimationFrame(frame);
  }

  byId("again").addEventListener("click", () => {
    toLobby();
    void play(lastName, lastChoice);
  });
  byId("to-lobby").addEventListener("click", toLobby);

  const nameInAddress = query.get("name");
  start.choose(choiceOf(query));
  if (nameInAddress === null) {
    start.show();
  } else {
    start.setName(nameInAddress);
    void play(nameInAddress, choiceOf(query));
  }
  requestAnimationFrame(frame);
}
