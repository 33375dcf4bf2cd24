/** How the fields of a struct are shown between ticks. */

/** @import { Field, FieldKind, Interpolate, Range } from "../schema/kinds.js" */

import { fieldsInside } from "../schema/field.js";
import { widthOf } from "../schema/kinds.js";

/** @type {Range[]} */
const NO_RANGES = [];

/**
 * How a field is shown.
 *
 * @typedef {object} ShownField
 * @property {string} name
 * @property {FieldKind} kind
 * @property {Interpolate["type"]} rule
 * @property {boolean} moves true if it is shown between its values, false if it steps from one to the next
 * @property {number} at its first column in the row, or in the value that it is inside
 * @property {Range[]} ranges of its axes; empty if it is no float or vector
 * @property {{ at: number, ranges: Range[] } | undefined} velocity the field with its velocity, if it has one
 * @property {ShownField[][] | undefined} inside the values inside it, if each of them has its own rule: one list for each variant
 */

/**
 * Works out how the fields of a struct are shown.
 *
 * @param {Pick<Field, "name" | "kind" | "interpolate">[]} fields
 * @param {number} [start] the first column of the first one
 * @returns {ShownField[]}
 */
export function shownFields(fields, start = 0) {
  let end = start;
  const starts = fields.map(({ kind }) => {
    const at = end;
    end += widthOf(kind);
    return at;
  });
  return fields.map(({ name, kind, interpolate }, index) => {
    const of = interpolate.type === "Hermite" ? interpolate.velocity : -1;
    const velocity = of < 0 ? undefined : { at: starts[of], ranges: rangesOf(fields[of].kind) };
    const ranges = rangesOf(kind);
    const inside = interpolate.type === "Smooth" ? shownInside(kind) : undefined;
    const isNumber = ranges.length > 0 || kind.type === "Angle" || kind.type === "Quat";
    const moves = inside !== undefined || (isNumber && (interpolate.type === "Smooth" || interpolate.type === "Hermite"));
    return { name, kind, rule: interpolate.type, moves, at: starts[index], ranges, velocity, inside };
  });
}

/**
 * The values inside a kind; undefined if it is shown the same whatever their rules are, because none of them moves.
 *
 * @param {FieldKind} kind
 * @returns {ShownField[][] | undefined}
 */
function shownInside(kind) {
  const inside = fieldsInside(kind).map((fields, index) => shownFields(fields, firstInside(kind, index)));
  const own = inside.flat().some(({ moves, rule }) => moves || rule === "None");
  return own ? inside : undefined;
}

/**
 * The first column of the fields inside a kind.
 *
 * @param {FieldKind} kind
 * @param {number} index of the variant
 */
function firstInside(kind, index) {
  return kind.type === "Variants" ? kind.variants[index].start : kind.type === "Struct" || kind.type === "Array" ? 0 : 1;
}

/**
 * Returns true if any of some fields is always shown at its newest value, or a value inside one is.
 *
 * @param {ShownField[]} fields
 * @returns {boolean}
 */
export function showNewest(fields) {
  return fields.some(({ rule, inside }) => rule === "None" || inside?.some(showNewest));
}

/**
 * The ranges of the axes of a float or vector.
 *
 * @param {FieldKind} kind
 */
function rangesOf(kind) {
  return kind.type === "Float" ? [kind.range] : kind.type === "Vec2" || kind.type === "Vec3" ? kind.axes : NO_RANGES;
}
