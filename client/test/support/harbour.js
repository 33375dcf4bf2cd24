/** A world with parts of every kind, for tests of areas. */

/** @import { FieldKind } from "../../src/schema/kinds.js" */
/** @import { Schema } from "../../src/schema/schema.js" */
/** @import { Content, Row } from "./server.js" */

import { worldLayout } from "../../src/codec/layout.js";
import { ALL, OWNER, SMOOTH, TEAM } from "../../src/schema/field.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { NO_INPUT, NO_MESSAGES } from "./vectors.js";

/** The classes of its areas. */
export const [PUBLIC, TEAMS, PLACED, PLACED_TEAMS, PLACED_OWN] = [0, 1, 3, 4, 5];

/** @type {FieldKind} */
const int = { type: "Int", min: 0n, span: 9999n, wide: false, big: false };

/** @type {FieldKind} Its columns are its values. */
const float = { type: "Float", range: { min: 0, max: 9999, step: 1, maxQuantized: 9999 } };

/** @param {string} name */
const field = (name, audience = ALL) => ({ name, kind: int, linear: false, interpolate: SMOOTH, audience });
/** @param {string} name */
const moving = (name, audience = ALL) => ({ name, kind: float, linear: true, interpolate: SMOOTH, audience });

/** @type {Schema} */
export const schema = {
  tables: [
    {
      name: "ships",
      single: false,
      placed: true,
      audience: ALL,
      fields: [field("course", OWNER), moving("x"), moving("cargo", TEAM), field("hull")],
    },
    { name: "clock", single: true, placed: false, audience: ALL, fields: [field("seconds")] },
    { name: "notes", single: false, placed: false, audience: TEAM, fields: [field("text")] },
    { name: "mines", single: false, placed: true, audience: ALL, fields: [field("fuse", OWNER)] },
  ],
  input: NO_INPUT,
  messages: NO_MESSAGES,
};

export const structs = tableStructs(schema);
export const layout = worldLayout(allParts(structs));

/** The public area. @param {number} seconds @returns {Content} */
export const clock = (seconds) => [[[0, 0, [seconds]]]];

/**
 * A place: its ships and its mines, which have no columns of their own.
 *
 * @param {Row[]} ships each with `x` and `hull`
 * @param {number[]} mines their slots
 * @returns {Content}
 */
export const place = (ships, mines = []) => [ships, mines.map((slot) => [slot, 0, []])];
