/**
 * A snapshot's head, and deltas that no server would send.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ARRIVALS, ARRIVAL_GAP, DEPARTURES, DEPARTURE_GAP, GENERATION } from "../src/contexts.js";
import { worldLayout } from "../src/layout.js";
import { readControl } from "../src/messages.js";
import { Mirror } from "../src/mirror.js";
import { readHead, readPrefix } from "../src/snapshot.js";
import { tableStructs } from "../src/struct.js";
import { bytes, snapshots, vectors } from "./support.js";
import { RangeWriter, SymbolWriter, emptyKeyframe } from "./writers.js";

const welcome = readControl(bytes(vectors.welcome));
assert.ok(welcome.type === "welcome");
const layout = worldLayout(tableStructs(welcome.schema));
const [{ contexts: things, row: thingRow }, , { contexts: sparks }] = layout.tables;

/** A delta against what the mirror has, with a head's flags. */
const delta = (/** @type {number} */ flags, /** @type {RangeWriter} */ coder) =>
  Uint8Array.of(1 | flags, 0, 0, ...coder.finish());

/** A mirror after a keyframe of three things and a spark. */
function mirrorOfSome() {
  const mirror = new Mirror(layout);
  mirror.apply(bytes(snapshots[0].hex));
  assert.deepEqual(mirror.current.tables.map(({ length }) => length), [3, 1, 1]);
  return mirror;
}

/**
 * Checks that a mirror of some refuses a delta, and what follows it.
 *
 * @param {string} code
 * @param {(symbols: SymbolWriter) => void} write
 */
function refuses(code, write) {
  const symbols = new SymbolWriter(layout.defaultPriors);
  write(symbols);
  const mirror = mirrorOfSome();
  const { current, previous } = mirror;
  assert.throws(() => mirror.apply(delta(0, symbols.coder)), { code });
  assert.ok(mirror.current === current && mirror.previous === previous && current.tick === snapshots[0].tick);
  assert.throws(() => mirror.apply(bytes(snapshots[1].hex)), { code: "no_baseline" });
}

test("a head says what the body is and has", () => {
  const head = { keyframe: false, history: 0, hash: false, priors: false, distance: false };
  assert.deepEqual(readHead(1), head);
  assert.deepEqual(readHead(0b0111_1001), { keyframe: false, history: 2, hash: true, priors: true, distance: true });
  assert.deepEqual(readHead(0b0011_0010), { ...head, keyframe: true, hash: true, priors: true });
  const accepted = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
    try {
      return readHead(byte);
    } catch (error) {
      assert.equal(/** @type {any} */ (error).code, "unknown_kind");
      return false;
    }
  });
  // Deltas: three histories, and three flags. Keyframes: two flags.
  assert.equal(accepted.length, 3 * 8 + 4);
  assert.ok(accepted.every((byte) => (byte & 0x80) === 0));
});

test("a prefix is three bytes", () => {
  assert.throws(() => readPrefix(Uint8Array.of(1, 0)), { code: "truncated" });
  assert.deepEqual(readPrefix(Uint8Array.of(1, 255, 0xfd, 7)).ack, { number: 255, slackTicks: -3 });
  assert.deepEqual([...readPrefix(Uint8Array.of(1, 255, 0xfd, 7)).body], [7]);
  assert.equal(readPrefix(Uint8Array.of(1, 0, 0x80)).ack, undefined);
});

test("a delta that refers to frames that are not there is refused", () => {
  const none = new SymbolWriter(layout.defaultPriors);
  none.flag(things.population, 0);
  for (const history of [1, 2]) {
    assert.throws(() => mirrorOfSome().apply(delta(history << 2, none.coder)), { code: "no_baseline" });
  }
  const late = new Mirror(layout);
  assert.throws(() => late.apply(emptyKeyframe(layout, 2 ** 32 - 1, 0)), { name: "HashMismatch", tick: 2 ** 32 - 1 });
  for (const [gap, code] of /** @type {[number, string][]} */ ([
    [2 ** 32 - 2 - snapshots[0].tick, "no_baseline"],
    [2 ** 32 - 2, "number_too_long"],
    [2 ** 32, "number_too_long"],
  ])) {
    const far = new RangeWriter();
    far.writeGap(gap);
    assert.throws(() => mirrorOfSome().apply(delta(1 << 6, far)), { code });
  }
});

test("a prior of no context is refused", () => {
  const coder = new RangeWriter();
  coder.writeRaw(0, 1);
  coder.writeGap(1);
  coder.writeGap(layout.contexts);
  assert.throws(() => mirrorOfSome().apply(delta(1 << 5, coder)), { code: "no_such_context" });
});

test("entities that cannot go or come are refused", () => {
  refuses("no_such_entity", (symbols) => {
    symbols.flag(things.population, 1);
    symbols.count(things.count(DEPARTURES), 2);
    symbols.count(things.count(DEPARTURE_GAP), 1);
    symbols.count(things.count(DEPARTURE_GAP), 1);
  });
  const arrival = (/** @type {SymbolWriter} */ symbols, /** @type {number} */ slot) => {
    symbols.flag(sparks.population, 1);
    symbols.count(sparks.count(DEPARTURES), 0);
    symbols.count(sparks.count(ARRIVALS), 1);
    symbols.count(sparks.count(ARRIVAL_GAP), slot);
    symbols.count(sparks.count(GENERATION), 0);
    symbols.flag(sparks.fields[0].spawned, 0);
  };
  const untouched = (/** @type {SymbolWriter} */ symbols) => {
    symbols.flag(things.population, 0);
    [0, 1, 2, 3].forEach((row) => symbols.flag(layout.tables[row === 3 ? 1 : 0].contexts.row(9, 0), 0));
  };
  for (const slot of [snapshots[0].tables[2][0][0], 65_536, 2 ** 31]) {
    refuses("bad_slot", (symbols) => {
      untouched(symbols);
      arrival(symbols, slot);
    });
  }
});

test("a value beyond its column's range is refused", () => {
  refuses("value_out_of_range", (symbols) => {
    symbols.flag(things.population, 0);
    symbols.flag(things.row(9, 0), 1);
    // The first field, a float, is given the number -(2^31 - 1).
    const [float] = things.fields;
    symbols.flag(float.differs(4, 0), 1);
    symbols.flag(float.shared(0), 1);
    symbols.exponent(float.number(0, 4) + 1, 30);
    symbols.flag(float.shared(0) + 3 + 11, 1);
    symbols.flag(float.shared(0) + 3 + 11 + 24, 1);
    symbols.coder.writeRaw(2 ** 28 - 1, 28);
  });
  refuses("value_out_of_range", (symbols) => {
    symbols.flag(things.population, 1);
    symbols.count(things.count(DEPARTURES), 0);
    symbols.count(things.count(ARRIVALS), 1);
    symbols.count(things.count(ARRIVAL_GAP), 9);
    symbols.count(things.count(GENERATION), 0);
    // One more than its maximum.
    symbols.flag(things.fields[0].spawned, 1);
    symbols.coder.writeRaw(thingRow.max[0], thingRow.choiceBits[0]);
  });
});

test("a delta that never ends is cut off", () => {
  refuses("truncated", (symbols) => {
    symbols.flag(things.population, 1);
    symbols.count(things.count(DEPARTURES), 2 ** 31 - 2);
  });
});

test("a frame of more columns than any may have is refused before it is read", () => {
  refuses("frame_too_large", (symbols) => {
    symbols.flag(things.population, 1);
    symbols.count(things.count(DEPARTURES), 0);
    symbols.count(things.count(ARRIVALS), 2 ** 31 - 2);
  });
});
