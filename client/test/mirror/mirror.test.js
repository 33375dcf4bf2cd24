/**
 * Tests of the mirror with valid, cut and corrupt snapshots.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { DecodeError, HashMismatch } from "../../src/base/errors.js";
import { PartFrame, frameHash } from "../../src/codec/frame.js";
import { worldLayout } from "../../src/codec/layout.js";
import { readControl } from "../../src/messages/control.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { mirrorTables, population } from "../../src/view/tables.js";
import { seeded } from "../support/random.js";
import { emptyKeyframe } from "../support/server.js";
import { bytes, snapshots, vectors } from "../support/vectors.js";

const welcome = readControl(bytes(vectors.welcome));
assert.ok(welcome.type === "welcome");
const structs = tableStructs(welcome.schema);
const layout = worldLayout(allParts(structs));
const messages = snapshots.map(({ hex }) => bytes(hex));

/**
 * A mirror after the first snapshots.
 *
 * @param {number} count
 */
function mirrorAfter(count) {
  const mirror = new Mirror(layout, 30);
  messages.slice(0, count).forEach((message) => mirror.apply(message));
  return mirror;
}

/** @param {Mirror} mirror */
const state = ({ current }) => [current.tick, frameHash(current)];

test("a delta before any keyframe is refused", () => {
  const mirror = new Mirror(layout, 30);
  assert.throws(() => mirror.apply(messages[1]), { code: "no_baseline" });
  assert.equal(mirror.current.tick, 0);
});

test("a snapshot that is cut short is refused and changes nothing, and only a keyframe is accepted after it", () => {
  /** @type {number[]} */
  const cutUnnoticed = [];
  for (let count = 0; count < messages.length; count += 13) {
    const message = messages[count];
    // A snapshot without its only block says that everything is as predicted.
    const withoutBlock = snapshots[count].keyframe ? 7 : 3;
    for (let length = 0; length < message.length; length += length + 1 === withoutBlock ? 2 : 1) {
      const mirror = mirrorAfter(count);
      const before = state(mirror);
      try {
        mirror.apply(message.subarray(0, length));
        cutUnnoticed.push(count);
        continue;
      } catch (error) {
        assert.ok(error instanceof DecodeError || error instanceof HashMismatch);
      }
      assert.deepEqual(state(mirror), before);
      if (!snapshots[count].keyframe) {
        assert.throws(() => mirror.apply(message), { code: "no_baseline" });
      }
    }
    const mirror = mirrorAfter(count);
    // A writer can leave out so many zeros.
    assert.throws(() => mirror.apply(Uint8Array.of(...message, 0, 0, 0, 0, 0)), { code: "trailing_bits" });
    mirror.apply(messages[0]);
    assert.equal(frameHash(mirror.current), parseInt(snapshots[0].hash, 16));
  }
  // Zeros replace the last bytes, which may give another frame: only a hash shows that it is wrong.
  assert.ok(cutUnnoticed.every((count) => snapshots[count].hashes_checked === 0));
  assert.ok(cutUnnoticed.length < 20, `${cutUnnoticed}`);
});

test("a corrupt snapshot is refused and changes nothing, or is a valid frame", () => {
  const random = seeded(4);
  let refused = 0;
  let accepted = 0;
  for (let round = 0; round < 1500; round++) {
    const count = random(messages.length);
    const mirror = mirrorAfter(count);
    const before = state(mirror);
    const corrupt = messages[count].slice();
    for (let flips = 1 + random(4); flips > 0; flips--) {
      corrupt[random(corrupt.length)] ^= 1 << random(8);
    }
    try {
      mirror.apply(corrupt);
      accepted++;
    } catch (error) {
      assert.ok(error instanceof DecodeError || error instanceof HashMismatch);
      assert.deepEqual(state(mirror), before);
      refused++;
    }
    for (const [index, part] of mirror.current.parts.entries()) {
      const { max } = layout.parts[index].row;
      for (let at = 0; at < part.length * part.width; at++) {
        assert.ok(part.columns[at] <= max[at % part.width]);
      }
    }
  }
  assert.ok(refused > 50 && accepted > 50, `${refused} refused, ${accepted} accepted`);
});

test("random bytes are refused or give a valid frame", () => {
  const random = seeded(5);
  const mirror = mirrorAfter(1);
  for (let round = 0; round < 2000; round++) {
    const noise = Uint8Array.from({ length: random(200) }, () => random(256));
    noise[0] = random(4);
    const before = state(mirror);
    try {
      mirror.apply(noise);
    } catch (error) {
      assert.ok(error instanceof DecodeError || error instanceof HashMismatch);
      assert.deepEqual(state(mirror), before);
    }
  }
  // A keyframe recovers from any of them.
  mirror.apply(messages[0]);
  assert.equal(frameHash(mirror.current), parseInt(snapshots[0].hash, 16));
});

test("after a hash mismatch only a keyframe is accepted", () => {
  const keyframe = snapshots.map(({ keyframe }) => keyframe).lastIndexOf(true);
  const mirror = mirrorAfter(keyframe);
  const before = state(mirror);
  const empty = frameHash(new Mirror(layout, 30).current);
  const server = (empty ^ 1) >>> 0;
  assert.throws(
    () => mirror.apply(emptyKeyframe(layout, 70, server)),
    (error) => error instanceof HashMismatch && error.tick === 70 && error.server === server && error.mirror === empty,
  );
  assert.deepEqual(state(mirror), before);
  assert.throws(() => mirror.apply(messages[keyframe + 1]), { code: "no_baseline" });
  assert.ok(mirror.apply(messages[keyframe]).keyframe);
  assert.equal(mirror.apply(messages[keyframe + 1]).tick, snapshots[keyframe + 1].tick);
});

test("frames' memory is used again", () => {
  const mirror = mirrorAfter(20);
  const parts = new Set();
  for (const message of messages.slice(20)) {
    mirror.apply(message);
    parts.add(mirror.current.parts[0]);
  }
  assert.equal(parts.size, 4);
});

test("murmur3 has its published values for whole words", () => {
  // A part of no rows is one word, zero; no parts are none.
  const hash = (/** @type {number[]} */ words) => {
    const part = new PartFrame(0);
    return frameHash(Object.assign(mirrorAfter(0).current, { parts: words.map(() => part) }));
  };
  assert.equal(hash([]), 0);
  assert.equal(hash([0]), 0x2362_f9de);
});

test("tables read entities by their ids", () => {
  const mirror = mirrorAfter(30);
  const tables = mirrorTables(structs, mirror);
  const things = [...tables.things];
  assert.equal(tables.things.size, snapshots[29].tables[0].length);
  assert.deepEqual(things.map(({ id }) => id), snapshots[29].tables[0].map(([slot, generation]) => generation * 65_536 + slot));
  for (const thing of things) {
    assert.deepEqual(tables.things.get(thing.id), thing);
    assert.equal(tables.things.get(thing.id + 65_536), undefined);
  }
  assert.equal(tables.things.get(65_535), undefined);
  assert.equal(typeof tables.weather.wind, "number");
  assert.deepEqual(Object.keys(tables), ["things", "weather", "sparks"]);
});

test("spawns and despawns are the differences between two frames", () => {
  const mirror = new Mirror(layout, 30);
  let alive = new Set();
  let seen = 0;
  for (const message of messages) {
    mirror.apply(message);
    const { spawned, despawned } = population(structs, mirror.previous, mirror.current);
    despawned.forEach(([table, { id }]) => assert.ok(alive.delete(`${table} ${id}`)));
    spawned.forEach(([table, { id }]) => alive.add(`${table} ${id}`));
    seen += despawned.length;
    const tables = mirrorTables(structs, mirror);
    assert.equal(alive.size, tables.things.size + tables.sparks.size);
  }
  assert.ok(seen > 10);
});
