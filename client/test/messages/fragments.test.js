/** Tests of messages in fragments. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { DecodeError } from "../../src/base/errors.js";
import { Assembler } from "../../src/messages/fragments.js";
import { seeded } from "../support/random.js";
import { bytes } from "../support/vectors.js";

test("a message is assembled from its fragments", () => {
  const assembler = new Assembler();
  for (let round = 0; round < 2; round++) {
    assert.equal(assembler.take(bytes("07810101")), undefined);
    assert.equal(assembler.take(Uint8Array.of(3, ...Array(127).fill(2))), undefined);
    assert.deepEqual(assembler.take(bytes("0309")), Uint8Array.of(1, ...Array(127).fill(2), 9));
  }
  assert.deepEqual(assembler.take(bytes("070105")), Uint8Array.of(5));
});

test("on another connection a message starts over", () => {
  const assembler = new Assembler();
  assembler.take(bytes("070301"));
  assembler.reset();
  assembler.take(bytes("070301"));
  assert.deepEqual(assembler.take(bytes("030203")), Uint8Array.of(1, 2, 3));
});

test("each lane has a message of its own under way", () => {
  const assembler = new Assembler();
  assert.equal(assembler.take(bytes("070301")), undefined);
  assert.equal(assembler.take(bytes("0f0204")), undefined);
  assert.deepEqual(assembler.take(bytes("0b05")), Uint8Array.of(4, 5));
  assert.equal(assembler.take(bytes("0302")), undefined);
  assert.equal(assembler.take(bytes("0f0206")), undefined);
  assert.deepEqual(assembler.take(bytes("0303")), Uint8Array.of(1, 2, 3));
  assembler.reset();
  assert.throws(() => assembler.take(bytes("0b07")), DecodeError, "another connection starts both lanes over");
});

test("fragments that are out of order, empty or too long are refused", () => {
  for (const bad of ["0301", "07", "0700", "0702", "0703 01020304", "0b0101", "170101", "07818010 01", "078180808080 01"]) {
    assert.throws(() => new Assembler().take(bytes(bad.replace(" ", ""))), DecodeError, bad);
  }
  for (const bad of ["070101", "03", "030102030405"]) {
    const assembler = new Assembler();
    assembler.take(bytes("070300"));
    assert.throws(() => assembler.take(bytes(bad)), DecodeError, bad);
  }
});

test("random bytes are accepted or refused", () => {
  const random = seeded(8);
  const assembler = new Assembler();
  let whole = 0;
  for (let round = 0; round < 5000; round++) {
    const noise = Uint8Array.from({ length: random(9) }, () => random(17));
    try {
      whole += Number(assembler.take(noise) !== undefined);
    } catch (error) {
      assert.ok(error instanceof DecodeError);
      assembler.reset();
    }
  }
  assert.ok(whole > 3, String(whole));
});
