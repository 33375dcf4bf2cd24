/**
 * Tests of interpolation in a world of areas, some of which are skipped now and then.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Content } from "../support/server.js" */

import { Playhead } from "../../src/clock/playhead.js";
import { Timeline } from "../../src/clock/timeline.js";
import { View } from "../../src/view/view.js";
import { PLACED, PLACED_TEAMS, clock, place, structs } from "../support/harbour.js";
import { Pair } from "../support/pair.js";
import { seeded } from "../support/random.js";
import { SKIPPED } from "../support/server.js";

const TICK_RATE_HZ = 20;
const TICK_MS = 50;
const DELAY_TICKS = 3;

/** A mirror's view; tick 1 is due at 50 ms. */
class Stage {
  pair = new Pair();
  #timeline = new Timeline(TICK_RATE_HZ);
  #playhead = new Playhead(this.#timeline, TICK_RATE_HZ, { least: DELAY_TICKS, most: DELAY_TICKS });
  #view = new View(structs, TICK_RATE_HZ, this.#playhead);

  /** @param {Parameters<Pair["keyframe"]>} args */
  keyframe(...args) {
    this.pair.keyframe(...args);
    this.#push();
  }

  /** @param {Parameters<Pair["delta"]>} args */
  delta(...args) {
    this.pair.delta(...args);
    this.#push();
  }

  #push() {
    const { current } = this.pair.mirror;
    this.#timeline.arrived(current.tick, current.tick * TICK_MS);
    this.#view.push(current);
  }

  /** The world that is shown for a tick. @param {number} tick */
  at(tick) {
    const { tick: shown, tables } = this.#view.at((tick + DELAY_TICKS) * TICK_MS);
    assert.ok(Math.abs(shown - tick) < 1e-9, `${shown}, not ${tick}`);
    return tables;
  }

  /** The position at which the first ship is shown. @param {number} tick */
  x(tick) {
    return Math.round(this.at(tick).ships[0].x * 1e6) / 1e6;
  }
}

/** @param {number} x */
const ship = (x) => place([[1, 0, [x, 0]]]);
/** @param {number} cargo @returns {Content} */
const laden = (cargo) => [[[1, 0, [cargo]]]];

test("the fields of all parts are interpolated while the client receives them", () => {
  const stage = new Stage();
  stage.keyframe(1, [clock(0), ship(100), laden(5)], [PLACED, PLACED_TEAMS]);
  stage.delta([clock(1), ship(110), laden(6)]);
  stage.delta([clock(2), ship(120)], { leaves: [2] });
  stage.delta([clock(3), place([])]);
  assert.deepEqual(stage.at(1).ships, [{ id: 1, x: 100, hull: 0, cargo: 5 }]);
  assert.deepEqual(stage.at(1.5).ships, [{ id: 1, x: 105, hull: 0, cargo: 5.5 }]);
  assert.deepEqual(stage.at(2.5).ships, [{ id: 1, x: 115, hull: 0, cargo: 6 }]);
  assert.deepEqual(stage.at(3).ships, [{ id: 1, x: 120, hull: 0 }]);
  assert.deepEqual(stage.at(3).clock, { seconds: 2 });
  assert.deepEqual(stage.at(4).ships, []);
});

test("an area that is sent every other tick moves evenly", () => {
  const stage = new Stage();
  stage.keyframe(1, [clock(1), ship(10)], [PLACED]);
  for (let tick = 2; tick <= 5; tick++) {
    stage.delta(tick % 2 === 0 ? [clock(tick), SKIPPED] : [SKIPPED, ship(tick * 10)]);
  }
  for (const tick of [1, 1.5, 2, 2.5, 3, 4.75]) {
    assert.equal(stage.x(tick), tick * 10);
  }
  // The public area may be skipped too.
  assert.equal(stage.at(5).clock.seconds, 4);
});

test("an area that is skipped for long is held, and corrected within a moment when it is sent again", () => {
  const stage = new Stage();
  stage.keyframe(1, [clock(1), ship(10)], [PLACED]);
  for (let tick = 2; tick <= 8; tick++) {
    stage.delta([clock(tick), SKIPPED]);
  }
  assert.deepEqual([stage.x(1), stage.x(4), stage.x(6)], [10, 10, 10]);
  stage.delta([clock(9), ship(90)]);
  const on = [6, 6.5, 7, 7.5, 8].map((tick) => stage.x(tick));
  assert.ok(on.every((x, index) => index === 0 || x > on[index - 1] + 5), String(on));
  assert.ok(Math.abs(stage.x(8.5) - 85) < 3 && Math.abs(stage.x(9) - 90) < 1);
});

test("an area that is skipped moves on for a moment", () => {
  const stage = new Stage();
  stage.keyframe(1, [clock(1), ship(10)], [PLACED]);
  stage.delta([clock(2), ship(20)]);
  for (let tick = 3; tick <= 9; tick++) {
    stage.delta([clock(tick), SKIPPED]);
  }
  // For 50 ms, a tick, at full speed; then it comes to rest.
  assert.deepEqual([stage.x(2), stage.x(2.5), stage.x(3), stage.x(3.5), stage.x(4), stage.x(6)], [20, 25, 30, 33.75, 35, 35]);
});

test("an entity that always moves on is never shown going back", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seeded(seed);
    const stage = new Stage();
    let at = 1;
    let last = 0;
    stage.keyframe(1, [clock(0), ship(10), place([]), place([])], [PLACED, PLACED, PLACED]);
    for (let tick = 2; tick < 120; tick++) {
      const from = at;
      at = random(6) === 0 ? 1 + random(3) : at;
      // The area that it has left and the one that it has entered are sent together.
      const isSent = (/** @type {number} */ area) => (from !== at && (area === from || area === at)) || random(3) > 0;
      const areas = [1, 2, 3].map((area) => (!isSent(area) ? SKIPPED : area === at ? ship(tick * 10) : place([])));
      stage.delta([clock(0), ...areas]);
      for (const part of [0, 0.3, 0.8]) {
        const [shown] = tick < 10 ? [] : stage.at(tick + part - DELAY_TICKS).ships;
        if (shown !== undefined) {
          assert.ok(shown.x >= last && shown.x <= (tick + part - DELAY_TICKS) * 10 + 1e-6, `${seed}: ${shown.x} after ${last}`);
          last = shown.x;
        }
      }
    }
    assert.ok(last > 1000);
  }
});
