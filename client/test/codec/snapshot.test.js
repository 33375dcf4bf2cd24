/**
 * Tests of the snapshot message, without the content of its blocks.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_AREAS } from "../../src/base/limits.js";
import { readHead, readSnapshot } from "../../src/codec/snapshot.js";
import { seeded } from "../support/random.js";
import { QUIET, SKIPPED, varint, writeMessage } from "../support/server.js";

const block = (/** @type {number[]} */ ...bytes) => Uint8Array.from(bytes);

/**
 * Checks that a message is refused.
 *
 * @param {string} code
 * @param {number} listed
 * @param {number} head
 * @param {...number} bytes after the first three
 */
function refused(code, listed, head, ...bytes) {
  assert.throws(() => readSnapshot(Uint8Array.of(head, 0, 0, ...bytes), listed), { name: "DecodeError", code });
}

test("the first byte has the kind and the optional parts of a snapshot", () => {
  const head = { keyframe: false, priors: false, distance: false, view: false, skips: false };
  assert.deepEqual(readHead(1), head);
  assert.deepEqual(readHead(0b11_1101), { keyframe: false, priors: true, distance: true, view: true, skips: true });
  assert.deepEqual(readHead(0b01_0110), { ...head, keyframe: true, priors: true, view: true });
  const accepted = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
    try {
      return readHead(byte);
    } catch (error) {
      assert.equal(/** @type {any} */ (error).code, "unknown_kind");
      return false;
    }
  });
  // Deltas: four flags. Keyframes: three of them.
  assert.equal(accepted.length, 16 + 8);
  assert.ok(accepted.every((byte) => byte < 0x40));
});

test("the smallest snapshot is three bytes", () => {
  const { ack, ticks, priors, leaves, enters, blocks } = readSnapshot(Uint8Array.of(1, 255, 0xfd), 1);
  assert.deepEqual({ ack, ticks, priors, leaves, enters, blocks }, {
    ack: { number: 255, slackTicks: -3 },
    ticks: 1,
    priors: undefined,
    leaves: [],
    enters: [],
    blocks: [block()],
  });
  assert.equal(readSnapshot(Uint8Array.of(1, 0, 0x80), 1).ack, undefined);
  assert.throws(() => readSnapshot(Uint8Array.of(1, 0), 1), { code: "truncated" });
  assert.throws(() => readSnapshot(Uint8Array.of(), 1), { code: "truncated" });
});

test("a keyframe has a tick, and a delta may have a distance", () => {
  assert.equal(readSnapshot(writeMessage({ keyframe: true, tick: 0xfedc_ba98, areas: [block(7)] }), 9).ticks, 0xfedc_ba98);
  for (const ticks of [2, 3, 129, 130, 20_000, 2 ** 32 - 1]) {
    assert.equal(readSnapshot(writeMessage({ ticks, areas: [block(7)] }), 1).ticks, ticks);
  }
  refused("number_too_long", 1, 0b1001, ...varint(2 ** 32 - 2));
  refused("number_too_long", 1, 0b1001, ...varint(2 ** 32));
  refused("number_too_long", 1, 0b1001, 0x80, 0x80, 0x80, 0x80, 0x80, 0);
  refused("truncated", 1, 0b1001, 0x80);
  refused("truncated", 1, 2, 1, 2, 3);
  // A number may be written in a longer form than it needs.
  assert.equal(readSnapshot(Uint8Array.of(0b1001, 0, 0, 0x85, 0x80, 0x80, 0x80, 0), 1).ticks, 7);
});

test("a change of the priors is a length and so many bytes", () => {
  const message = writeMessage({ priors: block(...Array(200).keys()), areas: [block(7, 8)] });
  const { priors, blocks } = readSnapshot(message, 1);
  assert.deepEqual([priors?.length, blocks], [200, [block(7, 8)]]);
  refused("bad_snapshot", 1, 0b0101, 0, 7);
  refused("truncated", 1, 0b0101, 2, 7);
});

test("areas leave by index and enter by class", () => {
  const message = writeMessage({ leaves: [1, 2, 5], enters: [5, 1], areas: [QUIET, QUIET, QUIET, block(1), block(2)] });
  assert.deepEqual([...message.subarray(3, 10)], [3, 1, 0, 2, 2, 5, 1]);
  const { leaves, enters, blocks } = readSnapshot(message, 6);
  assert.deepEqual({ leaves, enters }, { leaves: [1, 2, 5], enters: [5, 1] });
  assert.deepEqual(blocks.map((block) => block?.length), [0, 0, 0, 1, 1]);
  // All areas but the public one leave.
  assert.deepEqual(readSnapshot(writeMessage({ leaves: [1, 2], areas: [block()] }), 3).blocks, [block()]);
});

test("an invalid change of the list of areas is refused", () => {
  const VIEW = 0b1_0001;
  refused("bad_snapshot", 3, VIEW, 0, 0, 0);
  // The public area, an index beyond the list, the only area of a keyframe.
  refused("bad_snapshot", 3, VIEW, 1, 0, 0, 0);
  refused("bad_snapshot", 3, VIEW, 1, 3, 0, 0);
  refused("bad_snapshot", 3, VIEW, 2, 1, 1, 0, 0);
  refused("bad_snapshot", 3, VIEW, 1, ...varint(2 ** 32 - 1), 0, 0);
  refused("bad_snapshot", 3, 0b1_0010, 9, 0, 0, 0, 1, 1, 0);
  refused("truncated", 3, VIEW, ...varint(2 ** 32 - 1), 1, 0);
  for (const areaClass of [0, 6, 255]) {
    refused("bad_snapshot", 3, VIEW, 0, 1, areaClass, 0);
  }
  const many = (/** @type {number} */ count) => [0, ...varint(count), ...Array(count).fill(3)];
  refused("bad_snapshot", MAX_AREAS - 2, VIEW, ...many(3), ...Array(MAX_AREAS).fill(0));
  refused("bad_snapshot", 3, VIEW, 0, ...varint(2 ** 32 - 1));
  const full = Uint8Array.of(VIEW, 0, 0, ...many(2), ...Array(MAX_AREAS / 8).fill(0));
  assert.equal(readSnapshot(full, MAX_AREAS - 2).blocks.length, MAX_AREAS);
});

test("each of several areas has a block, is as predicted, or is skipped", () => {
  const long = block(...Array(300).keys());
  const areas = [QUIET, block(1, 2), SKIPPED, QUIET, QUIET, SKIPPED, QUIET, QUIET, QUIET, long, block(4, 5)];
  const message = writeMessage({ areas });
  // Blocks in places 1, 9 and 10; of the eight others the second and the fifth are skipped.
  assert.deepEqual([...message.subarray(0, 6)], [0b10_0001, 0, 0x80, 0b10, 0b110, 0b1_0010]);
  const { blocks } = readSnapshot(message, 11);
  assert.deepEqual(blocks.map((block) => block?.length), [0, 2, undefined, 0, 0, undefined, 0, 0, 0, 300, 2]);
  assert.deepEqual(blocks[10], block(4, 5));
  assert.deepEqual(readSnapshot(writeMessage({ areas: [QUIET, QUIET] }), 2).blocks, [block(), block()]);
});

test("invalid bit maps and blocks are refused", () => {
  const SKIPS = 0b10_0001;
  // Ones in the padding of either map, and a map without bytes.
  refused("bad_snapshot", 3, 1, 0b1000);
  refused("bad_snapshot", 3, SKIPS, 0b001, 0b101, 7);
  refused("truncated", 9, 1, 0);
  // A map of skips without skips, without areas that could be skipped, and for an only area.
  refused("bad_snapshot", 3, SKIPS, 0b001, 0, 7);
  refused("bad_snapshot", 2, SKIPS, 0b11, 1, 7, 7);
  refused("bad_snapshot", 1, SKIPS, 1);
  // Blocks that are empty, too short, or longer than their areas.
  refused("bad_snapshot", 2, 1, 0b11, 0, 7);
  refused("bad_snapshot", 2, 1, 0b11, 1, 7);
  refused("truncated", 2, 1, 0b11, 2, 7);
  refused("trailing_bits", 2, 1, 0, 7);
});

test("an area that has just entered, and any area of a keyframe, cannot be skipped", () => {
  const SKIPPING = 0b11_0001;
  refused("bad_snapshot", 2, SKIPPING, 0, 1, 3, 0b001, 0b10, 7);
  const behind = Uint8Array.of(SKIPPING, 0, 0, 0, 1, 3, 0b001, 0b01, 7);
  assert.deepEqual(readSnapshot(behind, 2).blocks, [block(7), undefined, block()]);
  refused("bad_snapshot", 9, 0b11_0010, 9, 0, 0, 0, 0, 1, 3, 0b10, 1, 7);
});

test("random bytes give a snapshot or a DecodeError", () => {
  const random = seeded(11);
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const noise = Uint8Array.from({ length: random(24) }, () => random([256, 4][random(2)]));
    noise[0] = 1 + random(64);
    const listed = 1 + random(20);
    try {
      const { head, leaves, enters, blocks } = readSnapshot(noise, listed);
      assert.equal(blocks.length, (head.keyframe ? 1 : listed) - leaves.length + enters.length);
      read++;
    } catch (error) {
      assert.equal(/** @type {Error} */ (error).name, "DecodeError");
    }
  }
  assert.ok(read > 300, String(read));
});
