/** The inspector's hints about commands: they describe each type, and its example is a value that the client sends. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { described, example, fromJson } from "../../../server/inspect/shapes.js";
import { readValue, writeValue } from "../../src/schema/values.js";
import { BincodeReader, BincodeWriter } from "../../src/wire/bincode.js";

/** @import { Shape } from "../../src/schema/shapes.js" */

/** @type {Shape} */
const PLAIN = { type: "Enum", plain: true, variants: ["Wave", "Cheer"].map((name) => ({ name, shape: { type: "Unit" } })) };
/** @type {Shape} */
const PAIR = {
  type: "Struct",
  fields: [
    { name: "x", shape: { type: "F32" } },
    { name: "y", shape: { type: "I16" } },
  ],
};
/** @type {Shape} */
const COMMAND = {
  type: "Enum",
  plain: false,
  variants: [
    { name: "stop", shape: { type: "Unit" } },
    { name: "move", shape: PAIR },
    { name: "emote", shape: PLAIN },
    { name: "both", shape: { type: "Tuple", items: [{ type: "Bool" }, { type: "Text" }] } },
  ],
};
/** @type {[shape: Shape, text: string, json: any, value: any][]} */
const CASES = [
  [PLAIN, '"Wave" | "Cheer"', "Cheer", "Cheer"],
  [PAIR, "{ x: number, y: integer }", { x: 0.5, y: -2 }, { x: 0.5, y: -2 }],
  [
    COMMAND,
    '{ type: "stop" } | { type: "move", x: number, y: integer } | { type: "emote", value: "Wave" | "Cheer" } | ' +
      '{ type: "both", value: [boolean, string] }',
    { type: "both", value: [true, "on"] },
    { type: "both", value: [true, "on"] },
  ],
  [{ type: "Option", item: { type: "U64" } }, "integer | null", "18446744073709551615", 2n ** 64n - 1n],
  [{ type: "List", item: { type: "I64" } }, "[integer, …]", ["-9223372036854775808", 1], [-(2n ** 63n), 1n]],
  [{ type: "Array", item: { type: "U8" }, length: 2 }, "[integer, …]", [1, 2], [1, 2]],
  [{ type: "Bytes" }, "[byte, …]", [1, 255], Uint8Array.of(1, 255)],
  [{ type: "Map", key: { type: "U8" }, value: { type: "Bool" } }, "[[integer, boolean], …]", [[3, true]], new Map([[3, true]])],
];

/**
 * Sends a value and receives it.
 *
 * @param {Shape} shape
 * @param {any} value
 */
function sent(shape, value) {
  const writer = new BincodeWriter();
  writeValue(shape, value, writer);
  return readValue(shape, new BincodeReader(writer.bytes));
}

for (const [shape, text, json, value] of CASES) {
  test(`a command of the type ${text} is described, and sent from JSON`, () => {
    assert.equal(described(shape), text);
    assert.deepEqual(sent(shape, fromJson(shape, json)), value);
    const start = JSON.parse(JSON.stringify(example(shape)));
    assert.doesNotThrow(() => sent(shape, fromJson(shape, start)));
  });
}

test("what does not fit a command's type is left for the client to refuse", () => {
  for (const json of [7, "stop it", [], { type: "dance" }, { type: "move", x: 1 }, { type: "move", x: 1, y: 2, z: 3 }]) {
    assert.throws(() => sent(COMMAND, fromJson(COMMAND, json)), TypeError, JSON.stringify(json));
  }
});
