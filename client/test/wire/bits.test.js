/**
 * Tests of the bit packer.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BitWriter } from "../../src/wire/bits.js";
import { seeded } from "../support/random.js";

test("bits are packed least significant first", () => {
  const writer = new BitWriter();
  writer.write(0b1, 1);
  writer.write(0b01, 2);
  writer.write(0xabcd, 16);
  // 0xabcd << 3 | 0b01 << 1 | 1 = 0x55e6b
  assert.deepEqual([...writer.finish()], [0x6b, 0x5e, 0x05]);
});

test("each value is packed above the one before", () => {
  const random = seeded(1);
  const writer = new BitWriter();
  for (let round = 0; round < 50; round++) {
    writer.clear();
    let all = 0n;
    let length = 0;
    for (let values = random(100); values > 0; values--) {
      const bits = random(33);
      const value = random(2 ** bits);
      writer.write(value, bits);
      all |= BigInt(value) << BigInt(length);
      length += bits;
    }
    const bytes = [...writer.finish()];
    assert.equal(bytes.length, Math.ceil(length / 8));
    assert.equal(bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n), all);
  }
});

test("a value must fit its bits", () => {
  assert.throws(() => new BitWriter().write(4, 2), RangeError);
  assert.throws(() => new BitWriter().write(0, 33), RangeError);
  assert.throws(() => new BitWriter().write(-1, 8), RangeError);
});
