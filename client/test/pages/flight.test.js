/** Tests of the pages' prediction of flight and fire, against recorded flights of the rules in Rust. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { RULES as arena } from "../../../games/arena/page/game/rules.js";
import { RULES as frontier } from "../../../games/frontier/page/game/rules.js";
import { act, drift } from "../../../games/kit/page/prediction/flight.js";
import { OwnShots } from "../../../games/kit/page/prediction/own-shots.js";

/** The tolerance of a position, in units: quantization, and the rounding of 32-bit floats. */
const NEAR = 0.4;

for (const [game, rules] of Object.entries({ arena, frontier })) {
  const file = new URL(`../../../games/${game}/tests/flight.json`, import.meta.url);
  const { tick_rate_hz: rate, start, ticks } = JSON.parse(readFileSync(file, "utf8"));

  test(`a ship of the ${game} flies and fires as predicted`, () => {
    const ship = { ...structuredClone(start), velocity: { x: 0, y: 0 }, energy: 100, hull: { type: "Shielded" } };
    const own = new OwnShots(0, rate, rules.gun.seconds);
    let fired = 0;
    ticks.forEach((/** @type {any} */ tick, /** @type {number} */ index) => {
      const shot = act(ship, { ...tick, mine: false }, rules, 1 / rate);
      drift(ship, rules.flight, 1 / rate);
      const off = Math.hypot(ship.position.x - tick.position.x, ship.position.y - tick.position.y);
      assert.ok(off < NEAR, `tick ${index}: ${off} units off`);
      const turned = Math.abs(Math.sin((ship.heading - tick.heading) / 2));
      assert.ok(turned < 0.01, `tick ${index}: ${ship.heading} instead of ${tick.heading}`);
      assert.equal(shot !== null, tick.fired, `tick ${index}: a shot`);
      if (shot) {
        own.fire(index, shot.from, shot.velocity);
        const [{ position }] = own.show([], index, () => false).slice(-1);
        const near = tick.shots.some((/** @type {any} */ at) => Math.hypot(at.x - position.x, at.y - position.y) < NEAR);
        assert.ok(near, `tick ${index}: the shot is at ${JSON.stringify(position)}`);
        fired++;
      }
    });
    assert.ok(fired > 20);
  });
}

test("a shot that the server does not know disappears, and one that it knows stays hidden while it is in view", () => {
  const own = new OwnShots(1, 30, 1);
  own.fire(10, { x: 0, y: 0 }, { x: 300, y: 0 });
  own.fire(20, { x: 0, y: 100 }, { x: 300, y: 0 });
  const server = { id: 5, player: 1, position: { x: 60, y: 0 } };
  own.confirm(15, [server]);
  assert.equal(own.show([server], 21, () => false).length, 2);
  own.confirm(23, [server]);
  assert.equal(own.show([server], 23, () => false).length, 2, "the second may still come");
  own.confirm(24, []);
  assert.deepEqual(own.show([server], 24, () => false), [], "the first has hit, and the view is behind; the second never flew");
  own.confirm(30, []);
  assert.deepEqual(own.show([], 30, () => false), []);
  // There is no prediction of this shot any more: it is shown as the server sends it.
  assert.equal(own.show([server], 31, () => false).length, 1);
});

test("a shot ends at an obstacle that is shown", () => {
  const own = new OwnShots(1, 30, 1);
  own.fire(1, { x: 0, y: 0 }, { x: 300, y: 0 });
  assert.equal(own.show([], 3, (_, to) => to.x > 40).length, 1);
  assert.equal(own.show([], 6, (_, to) => to.x > 40).length, 0);
  assert.equal(own.show([], 7, () => false).length, 0, "and does not come back");
});

test("each shot ends once, where it was last drawn, and the server's shot is hidden meanwhile", () => {
  /** @type {[number, number][]} */
  const ended = [];
  const own = new OwnShots(1, 30, 0.5, ({ id, position }) => ended.push([id, Math.round(position.x)]));
  const server = { id: 5, player: 1, position: { x: 10, y: 0 } };
  own.fire(1, { x: 0, y: 0 }, { x: 300, y: 0 });
  own.fire(1, { x: 0, y: 900 }, { x: 300, y: 0 });
  own.confirm(1, [server]);
  own.show([], 2, () => false);
  assert.deepEqual([own.hides(5), own.hides(6), ended.length], [true, false, 0]);
  own.confirm(5, [server]);
  assert.deepEqual(ended, [[-2, 20]], "the server has not fired it");
  own.show([server], 6, (_, to) => to.x > 40);
  assert.deepEqual(ended, [[-2, 20], [-1, 20]], "it has hit");
  own.confirm(7, []);
  own.show([server], 7, () => false);
  assert.ok(own.hides(5), "it is in view, still");
  own.show([], 8, () => false);
  assert.deepEqual([own.hides(5), ended.length], [false, 2]);
});
