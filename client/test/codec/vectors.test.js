/** The golden vectors of the Rust sources, byte for byte. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Frame } from "../../src/codec/frame.js" */
/** @import { FieldKind } from "../../src/schema/kinds.js" */

import { frameHash } from "../../src/codec/frame.js";
import { worldLayout } from "../../src/codec/layout.js";
import { readHead } from "../../src/codec/snapshot.js";
import { writeInput } from "../../src/input/encode.js";
import { InputStruct } from "../../src/input/input-struct.js";
import { readControl, writeAck, writeChat, writeCommand, writePing, writeResync } from "../../src/messages/control.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { SMOOTH, readField } from "../../src/schema/field.js";
import { widthOf } from "../../src/schema/kinds.js";
import { dequantize, quantize } from "../../src/schema/quantize.js";
import { Gap, interpolate } from "../../src/view/interpolate.js";
import { shownFields } from "../../src/view/shown-fields.js";
import { Struct, allParts, tableStructs } from "../../src/view/struct.js";
import { BincodeReader } from "../../src/wire/bincode.js";
import { NO_INPUT, bytes, hex, isNear, snapshots, vectors } from "../support/vectors.js";

function welcome() {
  const message = readControl(bytes(vectors.welcome));
  assert.ok(message.type === "welcome");
  return message;
}

test("the welcome and its schema", () => {
  const { schema, ...rest } = welcome();
  assert.deepEqual(
    rest,
    {
      type: "welcome",
      game: "kitchen",
      room: "küche",
      mode: "duo",
      player: 3,
      spectator: false,
      maxPlayers: 300,
      tickRateHz: 30,
      tick: 0,
      session: "k1.a-token_of.a.seat",
      resumeSeconds: 300,
      reloadSeconds: 8,
      chat: true,
      presses: [],
      epoch: 1,
      lastInput: 70_000,
      lastCommand: 300,
      nextMessage: 251,
      schemaHash: vectors.schema_hash,
    },
  );
  assert.deepEqual(schema.tables.map(({ name, single }) => [name, single]), [
    ["things", false],
    ["weather", true],
    ["sparks", false],
  ]);
  assert.deepEqual(schema.input.fields, schema.tables[0].fields);
  assert.deepEqual(schema.input.fields.map(({ name, kind, linear }) => [name, kind.type, linear]), [
    ["level", "Float", false],
    ["heading", "Angle", true],
    ["position", "Vec2", true],
    ["place", "Vec3", false],
    ["rotation", "Quat", true],
    ["tilt", "Quat", false],
    ["health", "Int", false],
    ["score", "Int", false],
    ["seen", "Int", false],
    ["alive", "Bool", false],
    ["mood", "Enum", false],
    ["name", "Text", false],
  ]);
  const shown = (/** @type {number} */ table) => schema.tables[table].fields.map(({ interpolate }) => interpolate);
  assert.deepEqual(shown(0).map(({ type }) => type).filter((type) => type !== "Smooth"), ["Step", "None"]);
  assert.deepEqual(shown(2), [{ type: "Hermite", velocity: 1 }, { type: "Smooth" }]);
});

test("control messages", () => {
  /** @type {Record<string, (message: any) => Uint8Array>} */
  const writers = {
    ping: ({ nonce }) => writePing(nonce),
    resync: ({ tick }) => writeResync(tick),
    ack: ({ tick }) => writeAck(tick),
    command: ({ request, reply, body }) => writeCommand(request, reply, bytes(body)),
    chat: ({ request, reply, channel, text }) => writeChat(request, reply, channel, text),
  };
  for (const { from, hex: expected, ...message } of vectors.control) {
    if (from === "server") {
      const read = /** @type {any} */ (readControl(bytes(expected)));
      assert.deepEqual("body" in read ? { ...read, body: hex(read.body) } : read, message);
    } else {
      assert.equal(hex(writers[message.type](message)), expected);
    }
  }
});

test("every kind of field is quantized and dequantized as in Rust", () => {
  for (const { kind: label, field, cases } of vectors.quantize) {
    const { kind } = readField(new BincodeReader(bytes(field)));
    const row = new Uint32Array(new Struct([{ name: "value", kind, linear: false, interpolate: SMOOTH }]).layout.width);
    for (const [value, columns, back] of cases) {
      quantize(kind, fromJson(kind, value), row, 0);
      assert.deepEqual([...row], columns, `${label} ${value}`);
      assert.deepEqual(toJson(kind, dequantize(kind, row, 0)), back, `${label} ${columns}`);
    }
  }
});

test("inputs are written to the same bytes as in Rust", () => {
  const struct = new InputStruct(welcome().schema.input);
  const row = struct.start([]);
  for (const { number, acked_tick, tick, view_eighths, value, columns, hex: expected } of vectors.inputs) {
    struct.write({ ...value, seen: BigInt(value.seen) }, row);
    assert.deepEqual([...row], columns);
    const header = { number, ackedTick: acked_tick, tick, viewEighths: view_eighths };
    assert.equal(hex(writeInput(struct, header, row)), expected);
  }
});

test("a view that does not fit its byte is clamped", () => {
  const struct = new InputStruct(NO_INPUT);
  const header = { number: 1, ackedTick: 1, tick: 1 };
  const view = (/** @type {number} */ viewEighths) => writeInput(struct, { ...header, viewEighths }, new Uint32Array())[6];
  assert.deepEqual([-3, 0, 20.6, 255, 256, 1e9].map(view), [0, 0, 21, 255, 255, 255]);
});

test("a neutral input is Rust's default", () => {
  assert.deepEqual([...welcome().schema.input.neutral], vectors.inputs[0].columns);
});

test("each snapshot gives the same frame as in Rust", () => {
  const structs = tableStructs(welcome().schema);
  const mirror = new Mirror(worldLayout(allParts(structs)), 30);
  for (const snapshot of snapshots) {
    const { keyframe: alone, priors, distance } = readHead(bytes(snapshot.hex)[0]);
    assert.deepEqual([alone, priors, distance], [snapshot.keyframe, snapshot.priors, snapshot.ticks > 1]);
    const { tick, ticks, keyframe, hashesChecked, ack } = mirror.apply(bytes(snapshot.hex));
    assert.deepEqual([tick, ticks, keyframe, hashesChecked], [
      snapshot.tick,
      snapshot.ticks,
      snapshot.keyframe,
      snapshot.hashes_checked,
    ]);
    assert.deepEqual(ack ? [ack.number, ack.slackTicks] : null, snapshot.ack);
    assert.deepEqual(rows(mirror.current), snapshot.tables, `tick ${tick}`);
    assert.equal(frameHash(mirror.current).toString(16).padStart(8, "0"), snapshot.hash);
    assert.deepEqual(narrow(structs[0].base.struct.read(mirror.current.parts[0].columns, 0, {})), snapshot.first_thing);
  }
  const count = (/** @type {(snapshot: any) => boolean} */ which) => snapshots.filter(which).length;
  assert.equal(count(({ keyframe }) => keyframe), 2);
  assert.ok(count(({ priors }) => priors) > 3);
});

/** @param {Frame} frame */
function rows(frame) {
  return frame.parts.map(({ width, length, slots, generations, columns }) =>
    Array.from({ length }, (_, index) => {
      const row = columns.subarray(index * width, (index + 1) * width);
      return [slots[index], generations[index], [...row]];
    }),
  );
}

/**
 * The value of a field in the form of the vectors.
 *
 * @param {FieldKind} kind
 * @param {any} value
 */
function fromJson(kind, value) {
  switch (kind.type) {
    case "Int":
      return BigInt(value);
    case "Vec2":
    case "Vec3":
    case "Quat":
      return { x: value[0], y: value[1], z: value[2], w: value[3] };
    default:
      return value;
  }
}

/**
 * The value from the form of the vectors. The components of a rotation are `f32` in Rust.
 *
 * @param {FieldKind} kind
 * @param {any} value
 */
function toJson(kind, value) {
  switch (kind.type) {
    case "Int":
      return String(value);
    case "Vec2":
    case "Vec3":
      return Object.values(value);
    case "Quat":
      return Object.values(value).map(Math.fround);
    default:
      return value;
  }
}

/**
 * Rounds doubles to the `f32` of Rust's struct, and writes BigInts as strings.
 *
 * @param {any} value
 * @returns {any}
 */
function narrow(value) {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) ? value : Math.fround(value);
    case "bigint":
      return String(value);
    case "object":
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, narrow(part)]));
    default:
      return value;
  }
}

test("fields are interpolated as by the server's rewind", () => {
  const { tables } = welcome().schema;
  let moved = 0;
  for (const { table, smooth, ticks, seconds, part, from, to, newest, row } of vectors.between) {
    const fields = tables[table].fields.map((field) => (smooth ? { ...field, interpolate: SMOOTH } : field));
    const gap = Object.assign(new Gap(), {
      from: Uint32Array.from(from),
      to: Uint32Array.from(to),
      newest: Uint32Array.from(newest),
      ticks,
      seconds,
    });
    const shown = Uint32Array.from(from);
    for (const field of shownFields(fields)) {
      quantize(field.kind, interpolate(field, gap, part), shown, field.at);
      const columns = [...shown.subarray(field.at, field.at + widthOf(field.kind))];
      const rust = row.slice(field.at, field.at + columns.length);
      const where = `${field.name} at ${part} of ${ticks} ticks: ${columns} and ${rust}`;
      assert.ok(isNear(field.kind, columns, rust), where);
      moved += Number(String(rust) !== String(from.slice(field.at, field.at + columns.length)));
    }
  }
  assert.ok(vectors.between.length > 40 && moved > 80, `${moved} fields were on their way`);
});
