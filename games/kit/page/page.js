/**
 * Runs a game's page: the start screen, the game, and the dialog after the connection has ended.
 * @module
 */

import { create, join, parseNetwork, resume, shapedWebSocket } from "/client/drumline.js";
import { Chat } from "./hud/chat.js";
import { byId } from "./ui/elements.js";
import { Invite } from "./hud/invite.js";
import { DrainNotice } from "./hud/drain-notice.js";
import { NetworkGraph } from "./hud/network-graph.js";
import { Outage } from "./hud/outage.js";
import { StartScreen } from "./lobby/start-screen.js";
import { describeClose, isAboutRoom, isRoomOver, titleOfClose } from "./ui/error-texts.js";

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

/** Returns true if the page was loaded again, as by F5 or after a crash, and not opened by a link or an address. */
function isLoadedAgain() {
  const [navigation] = performance.getEntriesByType("navigation");
  return navigation instanceof PerformanceNavigationTiming && navigation.type !== "navigate";
}

/** The key of a game's session in the tab's storage. @param {string} game */
const sessionKey = (game) => `drumline.session.${game}`;

/**
 * Creates the room if necessary, and joins it.
 * @param {string} game
 * @param {string} name The player's name.
 * @param {RoomChoice} choice
 * @param {URLSearchParams} query
 */
async function enter(game, name, choice, query) {
  const created = choice.create && (await create("", { game, ...choice.create }));
  const { room, code } = created ?? choice;
  // A private room is joined by its code alone.
  const place = { game, room: code === undefined ? room : undefined, code, spectate: choice.spectate };
  return join("", { ...place, name, resume: sessionKey(game), WebSocket: socketOf(query) });
}

/**
 * Comes back to the seat that this tab had before the page was loaded. A link to another room leads there.
 * @param {string} game
 * @param {URLSearchParams} query
 */
function comeBack(game, query) {
  const { room, code } = isLoadedAgain() ? {} : choiceOf(query);
  return resume("", { game, room, code, resume: sessionKey(game), WebSocket: socketOf(query) });
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
    void current?.leave();
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
      const room = await enter(name, player, choice, query);
      lastChoice = choice.create ? { room: room.id, code: room.code } : choice;
      begun(room);
      if (choice.create?.private) invite.open();
    } catch (error) {
      // The error text offers Play to join any room, so the button must not try this room again.
      if (isAboutRoom(error)) start.choose({});
      start.show(error);
    }
  }

  /**
   * Goes on with the game that this tab was in before the page was loaded. Without one it shows the start screen, or joins at
   * once with the name in the page's address.
   */
  async function open() {
    const chosen = choiceOf(query);
    const given = query.get("name");
    start.choose(chosen);
    if (given !== null) start.setName(given);
    start.showJoining();
    try {
      const room = await comeBack(name, query);
      if (room) {
        lastName = start.name;
        lastChoice = room.code === undefined ? chosen : { code: room.code };
        begun(room);
      } else if (given !== null) {
        void play(given, chosen);
      } else {
        start.show();
      }
    } catch (error) {
      start.show(error);
    }
  }

  /** @param {Room} room */
  function begun(room) {
    start.hide();
    current = room;
    leaving = false;
    document.body.classList.toggle("watching", room.spectator);
    const joined = begin(room);
    game = joined;
    outage.watch(room);
    graph.watch(room);
    chat.watch(room);
    notice.watch(room);
    invite.show({ game: name, room: room.id, code: room.code });
    room.on("close", (close) => end(joined, close));
    Object.assign(window, { [name]: { room } });
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
    byId("lost-title").textContent = titleOfClose(close);
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

  void open();
  requestAnimationFrame(frame);
}
