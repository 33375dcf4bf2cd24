/**
 * The page: start screen, game, and what to do when the connection is lost.
 * @module
 */

import { join } from "/client/drumline.js";
import { byId, canvasById } from "./elements.js";
import { Game } from "./game.js";
import { Scene } from "./scene.js";
import { StartScreen } from "./start.js";
import { describeClose, describeRefusal, isAboutRoom } from "./words.js";

const query = new URLSearchParams(location.search);
const canvas = canvasById("game");
const scene = new Scene(canvas);
const start = new StartScreen((name) => void play(name));
const lost = byId("lost");
/** @type {Game | null} */
let game = null;
let lastName = "";
let wantedRoom = query.get("room") ?? undefined;
let lastFrame = performance.now();

/**
 * Joins a room and starts the game, or says why it cannot.
 * @param {string} name
 */
async function play(name) {
  lastName = name;
  start.wait();
  try {
    const room = await join("", { game: "arena", name, room: wantedRoom });
    start.hide();
    const joined = new Game(room, scene, canvas);
    game = joined;
    room.on("close", (close) => {
      joined.freeze();
      byId("reason").textContent = describeClose(close);
      lost.hidden = false;
      byId("again").focus();
    });
    window.addEventListener("pagehide", () => room.leave(), { once: true });
    Object.assign(window, { arena: { room } });
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
  else scene.drawIdle(now / 1000);
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
