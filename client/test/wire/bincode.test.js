/**
 * Tests of bincode and of control messages.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { DecodeError } from "../../src/base/errors.js";
import { readControl, writePing, writeResync } from "../../src/messages/control.js";
import { schemaHash } from "../../src/schema/schema.js";
import { BincodeReader, encodeU32 } from "../../src/wire/bincode.js";
import { seeded } from "../support/random.js";
import { bytes, hex, vectors } from "../support/vectors.js";

const reader = (/** @type {number[]} */ ...list) => new BincodeReader(Uint8Array.from(list));

test("integers are as short as they can be", () => {
  assert.equal(reader(250).u16(), 250);
  assert.equal(reader(251, 0xe8, 0x03).u32(), 1000);
  assert.equal(reader(252, 1, 0, 0, 0x80).u32(), 0x8000_0001);
  assert.equal(reader(253, 255, 255, 255, 255, 255, 255, 255, 255).u64(), 2n ** 64n - 1n);
  assert.equal(reader(7).u64(), 7n);
  assert.equal(reader(255).u8(), 255);
  assert.equal(reader(3).i64(), -2n);
  assert.equal(reader(253, 255, 255, 255, 255, 255, 255, 255, 255).i64(), -(2n ** 63n));
  for (const value of [0, 250, 251, 65_535, 65_536, 2 ** 32 - 1]) {
    assert.equal(reader(...encodeU32(value)).u32(), value);
  }
});

test("numbers that are too wide, lengths that are too long and invalid values are refused", () => {
  assert.throws(() => reader(252, 0, 0, 0, 0).u16(), { code: "number_too_long" });
  assert.throws(() => reader(253, 0, 0, 0, 0, 0, 0, 0, 0).u32(), { code: "number_too_long" });
  assert.throws(() => reader(254).u64(), { code: "number_too_long" });
  assert.throws(() => reader(251, 0).u32(), { code: "truncated" });
  assert.throws(() => reader(5, 65).string(), { code: "truncated" });
  assert.throws(() => reader(253, 0, 0, 0, 0, 0, 0, 0, 1).list(() => 0), { code: "truncated" });
  assert.throws(() => reader(1, 0xff).string(), { code: "malformed" });
  assert.throws(() => reader(2).bool(), { code: "malformed" });
  assert.throws(() => reader(2).finish(), { code: "trailing_bits" });
});

test("fnv1a has its published values", () => {
  assert.equal(schemaHash(new Uint8Array()), "cbf29ce484222325");
  assert.equal(schemaHash(new TextEncoder().encode("foobar")), "85944171f73967e8");
});

test("messages are written as documented", () => {
  assert.equal(hex(writePing(5)), "000005");
  assert.equal(hex(writeResync(1000)), "0001fbe803");
});

test("a welcome that is cut short or changed anywhere is refused", () => {
  const welcome = bytes(vectors.welcome);
  for (let length = 0; length < welcome.length; length++) {
    assert.throws(() => readControl(welcome.subarray(0, length)), DecodeError);
  }
  assert.throws(() => readControl(Uint8Array.of(...welcome, 0)), DecodeError);
  const random = seeded(2);
  // The bytes after the schema's hash are protected by it: a game, a room and some numbers come before.
  const schemaAt = welcome.length - 500;
  for (let round = 0; round < 200; round++) {
    const changed = welcome.slice();
    changed[schemaAt + random(500)] ^= 1 << random(8);
    assert.throws(() => readControl(changed), { code: "bad_schema" });
  }
});

test("random bytes give a message or a DecodeError", () => {
  const random = seeded(3);
  let messages = 0;
  for (let round = 0; round < 2000; round++) {
    const noise = Uint8Array.from({ length: random(60) }, () => random(256));
    noise[0] = 0;
    noise[1] = random(3);
    try {
      readControl(noise);
      messages++;
    } catch (error) {
      assert.ok(error instanceof DecodeError);
    }
  }
  assert.ok(messages < 2000);
});
