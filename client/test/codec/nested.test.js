/** Nested state: the golden vectors of the Rust sources, and bytes that are damaged. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { PartFrame } from "../../src/codec/frame.js" */
/** @import { FieldKind } from "../../src/schema/kinds.js" */
/** @import { RowVector } from "../support/vectors.js" */

import { DecodeError, HashMismatch } from "../../src/base/errors.js";
import { frameHash } from "../../src/codec/frame.js";
import { fieldsInside } from "../../src/schema/field.js";
import { widthOf } from "../../src/schema/kinds.js";
import { dequantize, quantize } from "../../src/schema/quantize.js";
import { Gap, interpolate } from "../../src/view/interpolate.js";
import { Struct } from "../../src/view/struct.js";
import { seeded } from "../support/random.js";
import { bytes, isNear, mirrorOf, nested, schemaOf } from "../support/vectors.js";

/** @param {PartFrame} part @returns {RowVector[]} */
function rowsOf({ length, slots, generations, columns, width }) {
  return Array.from({ length }, (_, index) => [
    slots[index],
    generations[index],
    [...columns.subarray(index * width, (index + 1) * width)],
  ]);
}

test("every kind of nested state is decoded to the rows that Rust has", () => {
  assert.equal(nested.kinds.length, 11);
  for (const { name, schema, frames } of nested.kinds) {
    const { mirror } = mirrorOf(schema);
    frames.forEach(([hex, hash, rows], index) => {
      mirror.apply(bytes(hex));
      assert.deepEqual(rowsOf(mirror.current.parts[0]), rows, `${name}, frame ${index}`);
      assert.equal(frameHash(mirror.current).toString(16).padStart(8, "0"), hash);
    });
  }
});

test("random nested worlds are decoded to frames with the hashes of Rust's", () => {
  assert.equal(nested.worlds.length, 224);
  nested.worlds.forEach(({ schema, frames }, seed) => {
    const { mirror } = mirrorOf(schema);
    frames.forEach(([hex, hash], index) => {
      mirror.apply(bytes(hex));
      assert.equal(frameHash(mirror.current).toString(16).padStart(8, "0"), hash, `world ${seed}, frame ${index}`);
    });
  });
});

test("damaged bytes give an error or a valid row", () => {
  const random = seeded(5);
  let refused = 0;
  let accepted = 0;
  nested.worlds.forEach(({ schema, frames }) => {
    for (let round = 0; round < 10; round++) {
      const { mirror, structs } = mirrorOf(schema);
      const damaged = 1 + random(frames.length - 1);
      frames.slice(0, damaged).forEach(([hex]) => mirror.apply(bytes(hex)));
      const message = bytes(frames[damaged][0]);
      const whole = message.subarray(0, random(4) === 0 ? random(message.length) : message.length);
      for (let flips = random(6); flips >= 0 && whole.length > 0; flips--) {
        whole[random(whole.length)] ^= 1 << random(8);
      }
      try {
        mirror.apply(whole);
      } catch (error) {
        assert.ok(error instanceof DecodeError || error instanceof HashMismatch, String(error));
        refused++;
        continue;
      }
      accepted++;
      const { row, struct } = structs[0].base;
      for (const [, , columns] of rowsOf(mirror.current.parts[0])) {
        assert.ok(columns.every((value, index) => value <= row.max[index]));
        struct.read(Uint32Array.from(columns), 0, {});
      }
    }
  });
  assert.ok(refused > 200 && accepted > 200, `${refused} refused, ${accepted} accepted`);
});

test("values inside fields are interpolated as in Rust", () => {
  let moved = 0;
  for (const { schema, ticks, part, from, to, newest, row } of nested.between) {
    const struct = new Struct(schemaOf(schema).tables[0].fields);
    const rows = [from, to, newest].map((row) => Uint32Array.from(row));
    const gap = Object.assign(new Gap(), { from: rows[0], to: rows[1], newest: rows[2], ticks, seconds: ticks / 30 });
    for (const field of struct.fields.filter(({ kind }) => !isAmbiguous(kind))) {
      const shown = new Uint32Array(row.length);
      quantize(field.kind, interpolate(field, gap, part), shown, field.at);
      const of = (/** @type {ArrayLike<number>} */ row) => Array.from(row).slice(field.at, field.at + widthOf(field.kind));
      const near = isNear(field.kind, of(shown), of(row));
      assert.ok(near, `${JSON.stringify(field.kind.type)} at ${part}: ${of(shown)} and ${of(row)}`);
      moved += Number(String(of(row)) !== String(of(from)) && String(of(row)) !== String(of(to)));
    }
  }
  assert.ok(nested.between.length > 150 && moved > 30, `${moved} fields were on their way`);
});

/**
 * Returns true if two values of a kind are the same in JavaScript: an option in an option, and one of a reference.
 *
 * @param {FieldKind} kind
 * @returns {boolean}
 */
function isAmbiguous(kind) {
  const own = kind.type === "Option" && ["Option", "Entity"].includes(kind.item.kind.type);
  return own || fieldsInside(kind).flat().some(({ kind }) => isAmbiguous(kind));
}

test("values of nested kinds are written to the columns that they are read from", () => {
  nested.worlds.forEach(({ schema, frames }, seed) => {
    const { mirror, structs } = mirrorOf(schema);
    frames.forEach(([hex]) => mirror.apply(bytes(hex)));
    const { struct } = structs[0].base;
    for (const [, , columns] of rowsOf(mirror.current.parts[0])) {
      for (const { kind, at } of struct.fields.filter(({ kind }) => !isAmbiguous(kind))) {
        const row = new Uint32Array(columns.length).fill(7);
        quantize(kind, dequantize(kind, Uint32Array.from(columns), at), row, at);
        const of = (/** @type {ArrayLike<number>} */ row) => Array.from(row).slice(at, at + widthOf(kind));
        assert.ok(isNear(kind, of(row), of(columns)), `world ${seed}: ${of(row)} and ${of(columns)}`);
      }
    }
  });
});
