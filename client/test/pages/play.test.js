/** Tests of a game in progress on a page: who is followed, and what is sent. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Play } from "../../../games/kit/page/play.js";

/** @typedef {{ ships: { player: number, position: { x: number, y: number } }[] }} World */

const OWN = 3;
const SPECTATOR = 0xffff_ffff;

before(() => {
  const document = Object.assign(new EventTarget(), { querySelectorAll: () => [] });
  Object.assign(globalThis, { window: new EventTarget(), document });
});
after(() => {
  Reflect.deleteProperty(globalThis, "window");
  Reflect.deleteProperty(globalThis, "document");
});

/** A game with its room, its view and its ships, which the test moves. @param {{ player: number, spectator: boolean }} seat */
function playing(seat) {
  const world = /** @type {World} */ ({ ships: [] });
  /** @type {any[]} */
  const [inputs, jumps, followed] = [[], [], []];
  const input = (/** @type {any} */ values) => {
    if (seat.spectator) throw new TypeError("a spectator has no inputs");
    inputs.push(values);
  };
  const room = { ...seat, tickRateHz: 30, stats: {}, input, view: () => ({ tick: 1, tables: world }) };
  const camera = {
    width: 800,
    height: 600,
    jumpTo: (/** @type {any} */ { x }) => jumps.push(x),
    follow() {},
    settle() {},
    toScreen: (/** @type {any} */ position) => position,
  };
  const view = {
    camera,
    actions: {},
    predict: (/** @type {World} */ world) => world,
    update: (/** @type {any[]} */ ...[, , , player]) => followed.push(player),
    draw() {},
    updateHud() {},
    hide() {},
  };
  const play = new Play(/** @type {any} */ (room), /** @type {any} */ (new EventTarget()), /** @type {any} */ (view));
  const frame = (/** @type {number[]} */ ...players) => {
    world.ships = players.map((player) => ({ player, position: { x: 100 * player, y: 0 } }));
    play.frame(performance.now(), 1 / 60);
  };
  return { play, frame, inputs, jumps, followed };
}

test("a player's own ship is followed, and each frame sends the controls", () => {
  const { play, frame, inputs, jumps, followed } = playing({ player: OWN, spectator: false });
  frame(1);
  frame(1, OWN);
  frame(OWN, 1);
  assert.deepEqual([jumps, [...new Set(followed)]], [[300], [OWN]]);
  assert.equal(inputs.length, 3);
  play.freeze();
});

test("a spectator follows a ship as long as it flies, then another, and sends nothing", () => {
  const { play, frame, inputs, jumps, followed } = playing({ player: SPECTATOR, spectator: true });
  frame();
  frame(1, 2);
  frame(2, 1);
  frame(2, 5);
  frame();
  frame(5);
  window.dispatchEvent(new Event("blur"));
  assert.deepEqual(jumps, [100, 200, 500]);
  assert.deepEqual(followed.slice(1), [SPECTATOR, 1, 1, 2, 2, 5]);
  play.freeze();
  assert.equal(inputs.length, 0);
});
