/**
 * A game's page: the start screen, the game, and what to do when the connection is lost.
 * @module
 */

import { join, parseNetwork, shapedWebSocket } from "/client/drumline.js";
import { byId } from "./elements.js";
import { NetGraph } from "./netgraph.js";
import { Outage } from "./outage.js";
import { StartScreen } from "./start.js";
import { describeClose, describeRefusal, isAboutRoom } from "./words.js";

/** @typedef {import("/client/drumline.js").Room} Room */
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
 * @param {string} name The game's.
 * @param {(room: Room) => Frames} begin Starts it in a joined room.
 * @param {(now: number) => void} drawIdle Draws while nobody plays; the time is in seconds.
 */
export function runPage(name, begin, drawIdle) {
  const query = new URLSearchParams(location.search);
  const start = new StartScreen((player) => void play(player));
  const lost = byId("lost");
  const outage = new Outage();
  const graph = new NetGraph();
  /** @type {Frames | null} */
  let game = null;
  let lastName = "";
  let wantedRoom = query.get("room") ?? undefined;
  let lastFrame = performance.now();

  /**
   * Joins a room and starts the game, or says why it cannot.
   * @param {string} player
   */
  async function play(player) {
    lastName = player;
    start.wait();
    try {
      const room = await join("", { game: name, name: player, room: wantedRoom, WebSocket: socketOf(query) });
      start.hide();
      const joined = begin(room);
      game = joined;
      outage.watch(room);
      graph.watch(room);
      room.on("close", (close) => {
        joined.freeze();
        byId("reason").textContent = describeClose(close);
        lost.hidden = false;
        byId("again").focus();
      });
      window.addEventListener("pagehide", () => room.leave(), { once: true });
      Object.assign(window, { [name]: { room } });
    } catch (error) {
      start.show(describeRefusal(error));
      // The next try is for any room, as the words say.
      if (isAboutRoom(error)) wantedRoom = undefined;
    }
  }

  /** @param {number} now In milliseconds. */
  function frame(now) {
    const elapsed = Math.max(0, (now - lastFrame) / 1000);
    lastFrame = now;
    if (game) game.frame(now, elapsed);
    else drawIdle(now / 1000);
    outage.frame(now);
    graph.frame(now);
    requestAnimationFrame(frame);
  }

  byId("again").addEventListener("click", () => {
    lost.hidden = true;
    game = null;
    start.show();
    void play(lastName);
  });

  const given = query.get("name");
  if (given === null) {
    start.show();
  } else {
    start.setName(given);
    void play(given);
  }
  requestAnimationFrame(frame);
}
