/** Codings: how the changes of a field are written. */

/** @import { FieldKind } from "./kinds.js" */

/** Coding of a number or vector: each column's change is a signed difference from the predicted value. */
export const NUMBER = 0;
/** Coding of a rotation: the differences depend on which component is the largest. */
export const ROTATION = 1;
/** Coding of flags, variants and text: each column's change is a choice among its other values. */
export const CHOICE = 2;
/** Coding of a field with values inside it: see {@link Node}. Its contexts are those of a choice or of a list. */
export const NESTED = 3;
/** The contexts of a list: those of a choice, and those of the counts of its removals and insertions. */
export const LIST = 4;

/**
 * The coding of a field of a kind.
 *
 * @param {FieldKind} kind
 */
export function codingOf({ type }) {
  switch (type) {
    case "Float":
    case "Angle":
    case "Vec2":
    case "Vec3":
    case "Int":
    case "Press":
      return NUMBER;
    case "Quat":
      return ROTATION;
    case "Option":
    case "Struct":
    case "Array":
    case "List":
    case "Variants":
      return NESTED;
    default:
      return CHOICE;
  }
}
