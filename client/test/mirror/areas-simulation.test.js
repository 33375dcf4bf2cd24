/**
 * Simulations of a mirror of many areas, with random events and with corrupt snapshots.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Content, Row } from "../support/server.js" */

import { DecodeError, HashMismatch } from "../../src/base/errors.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { PLACED, PLACED_OWN, PLACED_TEAMS, TEAMS, clock, layout } from "../support/harbour.js";
import { Pair, rows } from "../support/pair.js";
import { seeded } from "../support/random.js";
import { SKIPPED } from "../support/server.js";

const CLASSES = [PLACED, PLACED, PLACED, PLACED_TEAMS, PLACED_OWN, TEAMS];

/** @typedef {{ areaClass: number, content: Content }} Seen an area and its content */

/**
 * A new area with random content.
 *
 * @param {(below: number) => number} random
 * @returns {Seen}
 */
function anyArea(random) {
  const areaClass = CLASSES[random(CLASSES.length)];
  const content = layout.classes[areaClass].map((index) => {
    const { width } = layout.parts[index].row;
    const slots = new Set(Array.from({ length: random(6) }, () => random(100)));
    const columns = () => Array.from({ length: width }, () => random(500));
    return [...slots].sort((a, b) => a - b).map((slot) => /** @type {Row} */ ([slot, random(2), columns()]));
  });
  return { areaClass, content };
}

/**
 * Moves all entities, and some into another area of their class.
 *
 * @param {Seen[]} seen
 * @param {(below: number) => number} random
 */
function wander(seen, random) {
  for (const { areaClass, content } of seen) {
    content.forEach((part, index) => {
      for (const [, , columns] of part) {
        columns.forEach((value, at) => {
          columns[at] = random(3) > 0 ? Math.min(value + 3 * (at + 1), 9999) : random(10_000);
        });
      }
      const others = seen.filter((other) => other.areaClass === areaClass && other.content !== content);
      const gone = part.findIndex(() => random(20) === 0);
      if (others.length > 0 && gone >= 0) {
        const [row] = part.splice(gone, 1);
        const to = others[random(others.length)].content;
        to[index] = [...to[index].filter(([slot]) => slot !== row[0]), row].sort(([a], [b]) => a - b);
      }
    });
  }
}

/**
 * Random events: areas of all classes, entities that wander among them, skips, ticks without snapshots, keyframes.
 *
 * @param {number} seed
 * @param {number} rounds
 * @param {(pair: Pair) => void} [each] called after every snapshot
 */
function play(seed, rounds, each = () => {}) {
  const random = seeded(seed);
  const pair = new Pair();
  /** @type {Seen[]} */
  let seen = [{ areaClass: 0, content: clock(0) }];
  const copy = () => seen.map(({ content }) => structuredClone(content));
  pair.keyframe(1, copy());
  each(pair);
  for (let round = 0; round < rounds; round++) {
    wander(seen, random);
    seen[0].content = clock(round % 5);
    const leaves = [...seen.keys()].filter((index) => index > 0 && random(25) === 0);
    const entered = Array.from({ length: random(8) === 0 ? random(4) : 0 }, () => anyArea(random));
    if (random(60) === 0) {
      seen = [seen[0], ...entered];
      pair.keyframe(pair.server.tick + random(40), copy(), entered.map(({ areaClass }) => areaClass));
    } else {
      seen = seen.filter((_, index) => !leaves.includes(index));
      const known = seen.length;
      seen.push(...entered);
      const areas = copy().map((content, index) =>
        seen.length > 1 && index < known && random(3) === 0 ? SKIPPED : content);
      pair.delta(areas, {
        leaves,
        enters: entered.map(({ areaClass }) => areaClass),
        ticks: random(10) === 0 ? 1 + random(35) : 1,
        hash: random(6) === 0,
      });
    }
    each(pair);
  }
}

test("after random events the mirror equals the server's world", () => {
  for (let seed = 20; seed < 40; seed++) {
    play(seed, 150);
  }
});

test("a corrupt snapshot is refused and changes nothing, or is a valid world", () => {
  /** @type {Uint8Array[]} */
  const messages = [];
  play(50, 120, ({ message }) => messages.push(message));
  const random = seeded(51);
  const counts = { refused: 0, accepted: 0 };
  for (let round = 0; round < 300; round++) {
    const mirror = new Mirror(layout, 30);
    const victim = random(messages.length);
    for (const [index, message] of messages.entries()) {
      const corrupt = message.slice();
      if (index >= victim) {
        for (let flips = 1 + random(4); flips > 0; flips--) {
          corrupt[random(Math.min(corrupt.length, [8, corrupt.length][random(2)]))] ^= 1 << random(8);
        }
      }
      const before = [rows(mirror.current), rows(mirror.previous)];
      try {
        mirror.apply(corrupt);
        counts.accepted += Number(index >= victim);
      } catch (error) {
        assert.ok(error instanceof DecodeError || error instanceof HashMismatch, String(error));
        assert.deepEqual([rows(mirror.current), rows(mirror.previous)], before);
        counts.refused++;
      }
      for (const [index, part] of mirror.current.parts.entries()) {
        const { max } = layout.parts[index].row;
        assert.ok(part.columns.subarray(0, part.length * part.width).every((value, at) => value <= max[at % part.width]));
        assert.ok(part.slots.subarray(1, part.length).every((slot, at) => slot > part.slots[at]));
      }
      if (index > victim + 3) {
        break;
      }
    }
  }
  assert.ok(counts.refused > 100 && counts.accepted > 30, JSON.stringify(counts));
});
