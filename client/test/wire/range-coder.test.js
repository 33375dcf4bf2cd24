/**
 * Tests of the range coder, and of numbers, priors and symbols.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { classOf, levelOf, signOf } from "../../src/codec/contexts.js";
import { Priors, learned, readGap, yesOf } from "../../src/codec/priors.js";
import { SymbolReader } from "../../src/codec/symbols.js";
import { RangeReader } from "../../src/wire/range-coder.js";
import { seeded } from "../support/random.js";
import { bytes } from "../support/vectors.js";
import { RangeWriter, SymbolWriter } from "../support/writers.js";

/** A reader that has started a message. */
const reading = (/** @type {Uint8Array} */ bytes) => {
  const reader = new RangeReader();
  reader.start(bytes);
  return reader;
};

test("decisions and numbers are read as they were written", () => {
  const random = seeded(1);
  for (let round = 0; round < 200; round++) {
    const writer = new RangeWriter();
    const symbols = Array.from({ length: random(300) }, () => {
      const bits = random(33);
      return random(2) === 0
        ? { yes: [1, 65_535, 1 + random(65_535)][random(3)], value: random(2) }
        : { bits, value: random(2 ** bits) };
    });
    symbols.forEach(({ yes, bits = 0, value }) => (yes ? writer.write(yes, value) : writer.writeRaw(value, bits)));
    const reader = reading(writer.finish());
    for (const { yes, bits = 0, value } of symbols) {
      assert.equal(yes ? reader.read(yes) : reader.readRaw(bits), value);
    }
    reader.finish();
  }
});

test("zeros may be left out of the last four bytes, and nothing else", () => {
  const writer = new RangeWriter();
  writer.write(1, 1);
  writer.writeRaw(0, 8);
  const whole = writer.finish();
  assert.ok(whole.length === 7 && whole.every((byte) => byte === 0));
  for (let length = 0; length <= whole.length; length++) {
    const reader = reading(whole.subarray(0, length));
    const read = () => reader.read(1) + reader.readRaw(8);
    if (length < whole.length - 4) {
      assert.throws(read, { code: "truncated" });
    } else {
      assert.equal(read(), 1);
      reader.finish();
    }
  }
});

test("bytes after the end of a message are detected", () => {
  const writer = new RangeWriter();
  writer.writeRaw(0xabc, 12);
  const whole = writer.finish();
  const reader = reading(Uint8Array.of(...whole, 0));
  assert.equal(reader.readRaw(12), 0xabc);
  assert.throws(() => reader.finish(), { code: "trailing_bits" });
  // A new message resets the reader.
  reader.start(whole);
  assert.equal(reader.readRaw(12), 0xabc);
  reader.finish();
});

test("bytes that no writer produces are detected by a raw number", () => {
  assert.throws(() => reading(bytes("ffffffff")).readRaw(8), { code: "not_canonical" });
});

test("random bytes can be read until they end", () => {
  const random = seeded(2);
  for (let round = 0; round < 500; round++) {
    const noise = Uint8Array.from({ length: random(40) }, () => random(256));
    const reader = reading(noise);
    assert.throws(
      () => {
        for (let symbol = 0; symbol < 1e5; symbol++) {
          if (random(2) === 0) {
            assert.ok(reader.read(1 + random(65_535)) <= 1);
          } else {
            const bits = 1 + random(32);
            assert.ok(reader.readRaw(bits) < 2 ** bits);
          }
        }
      },
      (/** @type {any} */ { code }) => code === "truncated" || code === "not_canonical",
    );
  }
});

test("a gap is at most 32 bits", () => {
  for (const value of [0, 7, 8, 71, 72, 4095, 2 ** 31, 2 ** 32 - 1]) {
    const writer = new RangeWriter();
    writer.writeGap(value);
    assert.equal(readGap(reading(writer.finish())), value);
  }
  for (const over of [2 ** 32, 2 ** 33, 2 ** 40]) {
    const writer = new RangeWriter();
    writer.writeGap(over);
    assert.throws(() => readGap(reading(writer.finish())), { code: "number_too_long" }, String(over));
  }
});

test("a probability adapts, and stays within its bounds", () => {
  const [unknown] = new Priors(Uint8Array.of(0)).states;
  assert.equal(yesOf(unknown), 32_768);
  // 32,768 and two thirds of the rest to 65,535.
  assert.equal(yesOf(learned(unknown, 1)), 32_768 + Math.floor((32_767 * 43_690) / 65_536));
  for (const [decision, bound] of [[0, 31], [1, 65_504]]) {
    let state = unknown;
    for (let round = 0; round < 1000; round++) {
      state = learned(state, decision);
      assert.ok(yesOf(state) >= 1 && yesOf(state) < 65_535);
    }
    assert.equal(yesOf(state), bound);
  }
});

test("priors are changed one by one, or from the defaults", () => {
  const priors = new Priors(new Uint8Array(300).fill(40, 299));
  const change = (/** @type {number} */ anew, /** @type {[number, number][]} */ changes) => {
    const writer = new RangeWriter();
    writer.writeRaw(anew, 1);
    writer.writeGap(changes.length);
    for (const [gap, prior] of changes) {
      writer.writeGap(gap);
      writer.writeRaw(prior, 6);
    }
    priors.read(reading(writer.finish()));
  };
  const known = () => [...priors.states].map(yesOf).flatMap((yes, context) => (yes === 32_768 ? [] : [[context, yes]]));
  change(0, [[0, 1], [298, 63]]);
  assert.deepEqual(known(), [[0, 28], [299, 65_508]]);
  change(0, [[5, 36], [293, 0]]);
  assert.deepEqual(known(), [[0, 28], [5, 47_911]]);
  change(1, [[7, 2]]);
  assert.deepEqual(known(), [[7, 36], [299, 57_724]]);
  assert.throws(() => change(0, [[299, 1], [0, 1]]), { code: "no_such_context" });
  assert.throws(() => change(0, [[2 ** 32 - 1, 1]]), { code: "no_such_context" });
});

test("numbers are classed by their magnitude", () => {
  const magnitudes = [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 2 ** 31 - 1];
  assert.deepEqual(magnitudes.map(classOf), [0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
  assert.deepEqual(magnitudes.map((number) => classOf(-number)), magnitudes.map(classOf));
  assert.equal(classOf(-(2 ** 31)), 7);
  assert.deepEqual([0, 1, 2, 3, 7].map(levelOf), [0, 0, 1, 1, 3]);
  assert.deepEqual([0, -5, 5].map(signOf), [0, 1, 2]);
});

test("symbols up to the greatest", () => {
  const writer = new SymbolWriter(new Priors(new Uint8Array(60)));
  writer.count(0, 0);
  writer.count(0, 1000);
  writer.count(0, 2 ** 31 - 2);
  // The number -2^31: its sign, its exponent of 31, two bits, the rest.
  writer.flag(20, 1);
  writer.exponent(1, 31);
  writer.flag(20 + 3 + 11, 0);
  writer.flag(20 + 3 + 11 + 12, 0);
  writer.coder.writeRaw(0, 29);
  writer.coder.writeRaw(2 ** 32 - 1, 32);
  const coder = reading(writer.coder.finish());
  const symbols = new SymbolReader(coder, new Priors(new Uint8Array(60)), [[], [[0, 60]]]);
  symbols.start(1);
  assert.deepEqual([symbols.count(0), symbols.count(0), symbols.count(0)], [0, 1000, 2 ** 31 - 2]);
  assert.equal(symbols.number(0, 20, 0), -(2 ** 31));
  assert.equal(symbols.raw(32), 2 ** 32 - 1);
  coder.finish();
});
