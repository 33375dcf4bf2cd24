/**
 * A game's page: the start screen, the game, and what to do when the connection is lost.
 * @module
 */

import { create, join, parseNetwork, shapedWebSocket } from "/client/drumline.js";
import { Chat } from "./hud/chat.js";
import { byId } from "./ui/elements.js";
import { Invite } from "./hud/invite.js";
import { NetGraph } from "./hud/network-graph.js";
import { Notice } from "./hud/drain-notice.js";
import { Outage } from "./hud/outage.js";
import { StartScreen } from "./lobby/start-screen.js";
import { describeClose, isAboutRoom, isRoomOver } from "./ui/error-texts.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("./lobby/lobby.js").RoomKinds} RoomKinds */
/** @typedef {import("./lobby/lobby.js").Wish} Wish */
/** @typedef {import("./play.js").Frames} Frames */

/**
 * The class of sockets: one over a simulated network, to see what that is like, if the address says so with `?net=`.
 * @param {URLSearchParams} query
 */
function socketOf(query) {
  const network = query.get("net");
  if (network === null) return undefined;
  return shapedWebSocket(WebSocket, parseNetwork(network), { seed: Number(query.get("netseed") ?? 1) });
}

/**
 * What the page's address asks for.
 * @param {URLSearchParams} query
 * @returns {Wish}
 */
function wishOf(query) {
  const [room, code] = [query.get("room") ?? undefined, query.get("code") ?? undefined];
  return code === undefined ? { room } : { code };
}

/**
 * Joins the room that is wished for.
 * @param {string} game
 * @param {string} name The player's.
 * @param {Wish} wish
 * @param {URLSearchParams} query
 */
async function enter(game, name, wish, query) {
  const made = wish.create && (await create("", { game, ...wish.create }));
  const { room: id, code } = made ?? wish;
  // A code is enough.
  const room = await join("", { game, name, room: code === undefined ? id : undefined, code, WebSocket: socketOf(query) });
  return { room, place: { game, room: room.id, code } };
}

/**
 * What a page has of its game.
 * @typedef {object} GamePage
 * @property {string} name The game's.
 * @property {RoomKinds} kinds What its rooms can be like.
 * @property {boolean} teams Whether its players have teams to talk to.
 * @property {(room: Room) => Frames} begin Starts it in a joined room.
 * @property {(now: number) => void} drawIdle Draws while nobody plays; the time is in seconds.
 * @property {(room: Room, player: number) => string} colourOf What a player's name is written in.
 */

/** @param {GamePage} page */
export function runPage({ name, kinds, teams, begin, drawIdle, colourOf }) {
  const query = new URLSearchParams(location.search);
  const start = new StartScreen(name, kinds, (player, wish) => void play(player, wish));
  const lost = byId("lost");
  const outage = new Outage();
  const graph = new NetGraph();
  const chat = new Chat(colourOf, teams);
  const notice = new Notice();
  const invite = new Invite(() => {
    leaving = true;
    current?.leave();
  });
  /** @type {Frames | null} */
  let game = null;
  /** @type {Room | null} */
  let current = null;
  let leaving = false;
  let lastName = "";
  /** @type {Wish} What is played again. */
  let lastWish = {};
  let lastFrame = performance.now();

  /**
   * Joins a room and starts the game, or says why it cannot.
   * @param {string} player
   * @param {Wish} wish
   */
  async function play(player, wish) {
    lastName = player;
    start.wait();
    try {
      const { room, place } = await enter(name, player, wish, query);
      start.hide();
      lastWish = wish.create ? { room: place.room, code: place.code } : wish;
      current = room;
      leaving = false;
      const joined = begin(room);
      game = joined;
      outage.watch(room);
      graph.watch(room);
      chat.watch(room);
      notice.watch(room);
      invite.show(place);
      if (wish.create?.private) invite.open();
      room.on("close", (close) => end(joined, close));
      window.addEventListener("pagehide", () => room.leave(), { once: true });
      Object.assign(window, { [name]: { room } });
    } catch (error) {
      // The next try is for any room, as the words say.
      if (isAboutRoom(error)) start.want({});
      start.show(error);
    }
  }

  /**
   * @param {Frames} joined
   * @param {{ code: number, reason: string, error?: unknown }} close
   */
  function end(joined, close) {
    joined.freeze();
    if (isRoomOver(close)) lastWish = {};
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
    void play(lastName, lastWish);
  });
  byId("to-lobby").addEventListener("click", toLobby);

  const given = query.get("name");
  start.want(wishOf(query));
  if (given === null) {
    start.show();
  } else {
    start.setName(given);
    void play(given, wishOf(query));
  }
  requestAnimationFrame(frame);
}
