/**
 * Tests of a mirror of many areas, rule by rule.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Content, Row } from "../support/server.js" */

import { HashMismatch } from "../../src/base/errors.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { writeBlock } from "../support/block-writer.js";
import { PLACED, PUBLIC, TEAMS, clock, layout, place } from "../support/harbour.js";
import { Pair, rows } from "../support/pair.js";
import { seeded } from "../support/random.js";
import { QUIET, SKIPPED, frameOf, writeMessage } from "../support/server.js";
import { RangeWriter } from "../support/writers.js";

/** @param {number} slot @param {number} x @returns {Row} */
const ship = (slot, x) => [slot, 0, [x, 9]];

test("entities come into view with their area, and leave with it", () => {
  const pair = new Pair();
  pair.keyframe(10, [clock(1), place([ship(1, 100)])], [PLACED]);
  pair.delta([clock(2), place([ship(1, 100)]), place([ship(0, 5), ship(7, 8)], [3])], { enters: [PLACED] });
  assert.deepEqual(pair.ships.map(([slot]) => slot), [0, 1, 7]);
  pair.delta([clock(3), place([ship(0, 6), ship(7, 8)], [3])], { leaves: [1] });
  assert.deepEqual(pair.ships.map(([slot]) => slot), [0, 7]);
  // One area leaves while another of its class enters.
  pair.delta([clock(3), place([ship(3, 3)])], { leaves: [1], enters: [PLACED] });
  pair.delta([clock(3)], { leaves: [1] });
  assert.deepEqual(pair.ships, []);
  assert.equal(pair.message.length, 3 + 3, "a public area that is as expected takes no bytes");
});

test("the public area is shared without a copy, and areas that enter use the memory of those that have left", () => {
  const pair = new Pair();
  const { mirror } = pair;
  pair.keyframe(10, [clock(1), place([ship(1, 100)])], [PLACED]);
  const [, gone] = mirror.areas;
  for (const seconds of [2, 3, 4]) {
    pair.delta([clock(seconds), place([ship(1, 100)])]);
    assert.equal(mirror.current.parts[layout.classes[PUBLIC][0]], mirror.areas[0].frame.parts[0]);
  }
  pair.delta([clock(1)], { leaves: [1] });
  pair.delta([clock(1), [[]], place([ship(2, 100)])], { enters: [TEAMS, PLACED] });
  assert.equal(mirror.areas[2], gone);
});

test("a keyframe drops all areas but the public one", () => {
  const pair = new Pair();
  pair.keyframe(10, [clock(1), place([ship(1, 100)]), [[[4, 0, [4]]]]], [PLACED, TEAMS]);
  pair.keyframe(11, [clock(1)]);
  pair.keyframe(5, [clock(1), place([ship(2, 1)])], [PLACED]);
  pair.delta([clock(1), place([ship(2, 1)])]);
  assert.deepEqual(pair.ships.map(([slot]) => slot), [2]);
});

test("an area without a block moves on as predicted, and an only area needs no byte", () => {
  const pair = new Pair();
  const at = (/** @type {number} */ x) => [clock(1), place([ship(1, x), ship(2, 9998)])];
  pair.keyframe(10, at(100), [PLACED]);
  pair.delta(at(110));
  assert.deepEqual(pair.delta(at(120)), {
    tick: 12,
    ticks: 1,
    keyframe: false,
    hashesChecked: 0,
    areas: 2,
    areasSkipped: 0,
    ack: undefined,
  });
  // The head, the prefix, the map.
  assert.equal(pair.message.length, 4);
  assert.deepEqual(pair.ships[0], [1, [120, 9]]);
  pair.delta(at(130));
  assert.equal(pair.message.length, 4);

  const alone = new Pair();
  alone.keyframe(10, [clock(1)]);
  alone.delta([clock(1)]);
  assert.equal(alone.message.length, 3);
});

test("an area that has just entered without a block is empty", () => {
  const pair = new Pair();
  pair.keyframe(10, [clock(0)]);
  pair.delta([clock(0), [[]], place([])], { enters: [TEAMS, PLACED] });
  assert.equal(pair.message.at(-1), 0, "the map is the last byte");
  // The content of an area that has left is not in the one that uses its memory.
  pair.delta([clock(0), [[]], place([ship(1, 1)])]);
  pair.delta([clock(0), [[]], place([])], { leaves: [2], enters: [PLACED] });
  assert.deepEqual(pair.ships, []);
  const mirror = new Mirror(layout, 30);
  mirror.apply(writeMessage({ keyframe: true, tick: 3, enters: [PLACED], areas: [QUIET, QUIET] }));
  assert.deepEqual(rows(mirror.current), [[], [], [], [[0, 0, [0]]], [], [], []]);
});

test("a skipped area stays as it was, and continues from there", () => {
  const pair = new Pair();
  pair.keyframe(10, [clock(1), place([ship(1, 100)])], [PLACED]);
  pair.delta([clock(1), place([ship(1, 110)])]);
  assert.equal(pair.delta([clock(2), SKIPPED]).areasSkipped, 1);
  assert.deepEqual(pair.ships, [[1, [110, 9]]]);
  assert.equal(pair.server.list[1].known[0].tick, 11);
  // Two ticks after one: there is no motion to go by.
  pair.delta([clock(2), place([ship(1, 130)])]);
  assert.equal(pair.server.baseline(1).older, undefined);
  // Two after two: there is.
  pair.delta([clock(2), SKIPPED]);
  pair.delta([clock(2), place([ship(1, 150)])]);
  assert.equal(pair.message.length, 4, "it was expected there");
  pair.delta([SKIPPED, SKIPPED]);
  pair.delta([clock(7), place([ship(1, 175)])], { hash: true });
});

test("frames of even distances show motion, up to 31 ticks back", () => {
  for (const [ticks, olderUsed, oldestUsed] of /** @type {[number, boolean, boolean][]} */ ([
    [1, true, true],
    [10, true, true],
    [11, true, false],
    [15, true, false],
    [16, false, false],
    [31, false, false],
  ])) {
    const pair = new Pair();
    pair.keyframe(10, [clock(1), place([ship(1, 100)])], [PLACED]);
    for (const x of [150, 190, 260, 300]) {
      pair.delta([clock(2), place([ship(1, x)])], { ticks });
    }
    pair.server.tick += ticks;
    const { frame, older, oldest } = pair.server.baseline(1);
    assert.deepEqual([frame.tick > 0, older !== undefined, oldest !== undefined], [true, olderUsed, oldestUsed]);
  }
});

test("after more than 31 ticks an area is sent whole", () => {
  const still = place([ship(1, 100), ship(2, 200)]);
  const pair = new Pair();
  pair.keyframe(10, [clock(1), still], [PLACED]);
  pair.delta([clock(1), still]);
  for (let tick = 12; tick <= 41; tick++) {
    pair.delta([clock(1), SKIPPED]);
  }
  pair.delta([clock(1), still]);
  assert.equal(pair.message.length, 4, "31 ticks back is still a baseline");
  for (let tick = 43; tick <= 73; tick++) {
    pair.delta([clock(1), SKIPPED]);
  }
  pair.delta([clock(1), still]);
  assert.ok(pair.message.length > 8, "32 are too many");
  // The frames before it are not used any more.
  assert.equal(pair.server.list[1].known.length, 1);
  pair.delta([clock(1), still]);
  // An area without a block and without a baseline is empty; so are all areas after a long silence.
  pair.delta([clock(0), place([])], { ticks: 32 });
  assert.deepEqual(pair.ships, []);
  assert.equal(pair.message.length, 5);
});

test("priors hold for every block until a keyframe", () => {
  const states = new Map();
  for (const learned of [false, true]) {
    const pair = new Pair();
    let x = 0;
    const random = seeded(3);
    const areas = () => [clock(random(2)), place([ship(1, (x += random(50)))]), place([ship(2, x)])];
    pair.keyframe(10, areas(), [PLACED, PLACED]);
    if (learned) {
      const { contexts } = layout.parts[0];
      pair.server.learn([[contexts.population, 2], [contexts.fields[0].shared(0) + 2, 60]]);
    }
    pair.delta(areas());
    let bytes = 0;
    for (let round = 0; round < 20; round++) {
      pair.delta(areas(), { hash: round === 5 });
      bytes += pair.message.length;
    }
    states.set(learned, bytes);
    pair.keyframe(50, areas(), [PLACED, PLACED]);
    pair.delta(areas());
  }
  assert.notEqual(states.get(true), states.get(false));
});

test("invalid priors are refused", () => {
  for (const [code, context, end] of /** @type {[string, number, number[]][]} */ ([
    ["no_such_context", layout.contexts, []],
    ["trailing_bits", 5, [0, 0, 0, 0, 0]],
  ])) {
    const pair = new Pair();
    pair.keyframe(10, [clock(1)]);
    const coder = new RangeWriter();
    coder.writeRaw(0, 1);
    coder.writeGap(1);
    coder.writeGap(context);
    coder.writeRaw(33, 6);
    const message = writeMessage({ priors: Uint8Array.of(...coder.finish(), ...end), areas: [QUIET] });
    assert.throws(() => pair.mirror.apply(message), { name: "DecodeError", code });
    // A keyframe's contexts have their defaults again.
    pair.keyframe(20, [clock(59)]);
  }
});

test("an entity that crosses from one area into another is in the world exactly once", () => {
  const pair = new Pair();
  pair.keyframe(10, [clock(1), place([ship(1, 100), ship(3, 5)]), place([ship(2, 200)])], [PLACED, PLACED]);
  pair.delta([clock(1), place([ship(3, 5)]), place([ship(1, 101), ship(2, 200)])]);
  assert.deepEqual(pair.ships.map(([slot]) => slot), [1, 2, 3]);
});

test("if a slot is used again, the area with the newer frame has the living entity, at any place in the list", () => {
  for (const order of [[1, 2], [2, 1]]) {
    const pair = new Pair();
    const areas = (/** @type {Content | typeof SKIPPED} */ first, /** @type {Content | typeof SKIPPED} */ second) => [
      clock(1),
      ...(order[0] === 1 ? [first, second] : [second, first]),
    ];
    pair.keyframe(10, /** @type {Content[]} */ (areas(place([ship(1, 100)]), place([]))), [PLACED, PLACED]);
    // The entity that the skipped area still has is gone.
    pair.delta(areas(SKIPPED, place([[1, 1, [7, 7]]])));
    assert.deepEqual(pair.ships, [[1, [7, 7]]]);
    pair.delta(areas(place([]), place([])));
    assert.deepEqual(pair.ships, []);
  }
});

test("each area has its own hash", () => {
  const areas = [clock(1), place([ship(1, 100)], [4]), place([ship(2, 200)])];
  for (const wrong of [undefined, 0, 1, 2]) {
    const pair = new Pair();
    pair.keyframe(10, areas, [PLACED, PLACED]);
    const { list } = pair.server;
    const blocks = list.map(({ areaClass, known: [frame] }, index) => {
      const baseline = { frame, older: undefined, oldest: undefined };
      return writeBlock(layout, areaClass, baseline, frame, index === wrong ? { hash: 77 } : {}).bytes;
    });
    const before = rows(pair.mirror.current);
    const apply = () => pair.mirror.apply(writeMessage({ areas: blocks }));
    if (wrong === undefined) {
      assert.equal(apply().hashesChecked, 0);
    } else {
      assert.throws(apply, (error) => error instanceof HashMismatch && error.tick === 11 && error.server === 77);
      assert.deepEqual(rows(pair.mirror.current), before);
    }
  }
});

test("an error in the last area leaves all areas as they were, and only a keyframe is accepted", () => {
  const random = seeded(8);
  const areas = () => [clock(random(9)), ...[1, 2, 3, 4].map((slot) => place([ship(slot, random(9000))], [slot]))];
  const enters = [PLACED, PLACED, PLACED, PLACED];
  const pair = new Pair();
  pair.keyframe(10, areas(), enters);
  pair.delta(areas());
  pair.delta(areas());
  const before = [rows(pair.mirror.current), rows(pair.mirror.previous), pair.mirror.current.tick];
  const delta = pair.server.delta([...areas().slice(0, 3), place([ship(9, 9)]), place([ship(5, 5)])], {
    leaves: [1, 2],
    enters: [PLACED, PLACED],
  });
  const long = Uint8Array.of(...delta, 0, 0, 0, 0, 0);
  assert.throws(() => pair.mirror.apply(long), { name: "DecodeError", code: "trailing_bits" });
  assert.deepEqual([rows(pair.mirror.current), rows(pair.mirror.previous), pair.mirror.current.tick], before);
  assert.throws(() => pair.mirror.apply(delta), { code: "no_baseline" });
  assert.deepEqual([rows(pair.mirror.current), rows(pair.mirror.previous), pair.mirror.current.tick], before);
  pair.keyframe(90, areas(), enters);
  pair.delta(areas());
});

test("a delta before a keyframe or beyond the last tick is refused", () => {
  const pair = new Pair();
  assert.throws(() => pair.mirror.apply(writeMessage({ areas: [QUIET] })), { code: "no_baseline" });
  pair.keyframe(2 ** 32 - 2, [clock(1)]);
  pair.delta([clock(1)]);
  assert.throws(() => pair.mirror.apply(writeMessage({ areas: [QUIET] })), { code: "no_baseline" });
});

test("the size of all areas together is limited, including skipped ones", () => {
  // Rows without columns count as one each: 64 areas of as many mines as there can be.
  const full = frameOf(layout, PLACED, 0, place([], Array.from({ length: 65_536 }, (_, slot) => slot)));
  const empty = frameOf(layout, PLACED, 0, place([]));
  const { bytes } = writeBlock(layout, PLACED, { frame: empty, older: undefined, oldest: undefined }, full);
  const mirror = new Mirror(layout, 30);
  const blocks = Array(63).fill(bytes);
  mirror.apply(writeMessage({ keyframe: true, tick: 1, enters: blocks.map(() => PLACED), areas: [QUIET, ...blocks] }));
  const more = (/** @type {Uint8Array} */ block) =>
    writeMessage({ enters: [PLACED], areas: [QUIET, ...blocks.map(() => SKIPPED), block] });
  // The clock takes one of the columns that are left.
  assert.throws(() => mirror.apply(more(bytes)), { code: "frame_too_large" });
  assert.equal(mirror.current.parts[layout.classes[PLACED][1]].length, 65_536);
});
