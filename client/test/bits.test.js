/**
 * Packing and unpacking of bits.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BitReader, BitWriter } from "../src/bits.js";
import { DecodeError } from "../src/errors.js";
import { SymbolReader } from "../src/symbols.js";
import { seeded } from "./support.js";

test("bits are packed least significant first", () => {
  const writer = new BitWriter();
  writer.write(0b1, 1);
  writer.write(0b01, 2);
  writer.write(0xabcd, 16);
  // 0xabcd << 3 | 0b01 << 1 | 1 = 0x55e6b
  assert.deepEqual([...writer.finish()], [0x6b, 0x5e, 0x05]);
});

test("what is written is read back", () => {
  const random = seeded(1);
  const writer = new BitWriter();
  for (let round = 0; round < 50; round++) {
    writer.clear();
    const values = Array.from({ length: random(100) }, () => {
      const bits = random(33);
      return { bits, value: random(2 ** bits) };
    });
    values.forEach(({ value, bits }) => writer.write(value, bits));
    const reader = new BitReader(writer.finish());
    for (const { value, bits } of values) {
      assert.equal(reader.read(bits), value);
    }
    assert.ok(reader.atEnd());
    assert.throws(() => reader.read(8), DecodeError);
  }
});

test("a value must fit its bits", () => {
  assert.throws(() => new BitWriter().write(4, 2), RangeError);
  assert.throws(() => new BitWriter().write(0, 33), RangeError);
  assert.throws(() => new BitWriter().write(-1, 8), RangeError);
});

test("padding must be zero and less than a byte", () => {
  const clean = new BitReader(Uint8Array.of(0b0000_0101));
  clean.read(3);
  assert.ok(clean.atEnd());
  const dirty = new BitReader(Uint8Array.of(0b0001_0101));
  dirty.read(3);
  assert.ok(!dirty.atEnd());
  assert.ok(!new BitReader(Uint8Array.of(0)).atEnd());
});

test("numbers of no fixed width", () => {
  const symbols = (/** @type {string} */ bits) => {
    const writer = new BitWriter();
    [...bits].forEach((bit) => writer.write(Number(bit), 1));
    return new SymbolReader(writer.finish());
  };
  assert.equal(symbols("1").count(), 0);
  assert.equal(symbols("011").count(), 2);
  assert.equal(symbols("111").gap(), 3);
  assert.equal(symbols("1000").difference(), -1);
  assert.equal(symbols("1100").difference(), 1);
  assert.equal(symbols("011000").difference(), 5);
  // 2^33 - 8 + 1 is over 32 bits; so is a 34-bit number.
  assert.throws(() => symbols("0".repeat(29) + "1" + "1".repeat(32)).difference(), { code: "number_too_long" });
  assert.throws(() => symbols("0".repeat(40)).count(), { code: "number_too_long" });
  assert.throws(() => symbols("00000000").count(), { code: "truncated" });
});
