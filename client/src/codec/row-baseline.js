/** The rows that a row is predicted from. */

/** The position of a row that does not exist. */
export const NOWHERE = -1;

/** The rows that a row is predicted from, each a step of the same length before the next. One object serves many rows. */
export class RowBaseline {
  /** The row in the baseline frame: its array of columns, and where it starts there. */
  columns = new Uint32Array(0);
  at = 0;
  /** The row of the same entity a step before; {@link NOWHERE} if the client may not have it. */
  older = this.columns;
  olderAt = NOWHERE;
  /** The row a step before the older one; {@link NOWHERE} if there is no older one. */
  oldest = this.columns;
  oldestAt = NOWHERE;

  /**
   * Narrows the baseline to the values inside a value whose first column is its shape. Rows in which it has another shape say
   * nothing of their motion.
   *
   * @param {number} start that column
   */
  narrow(start) {
    const shape = this.columns[this.at + start];
    const lasts = this.olderAt !== NOWHERE && this.older[this.olderAt + start] === shape;
    const lasted = lasts && this.oldestAt !== NOWHERE && this.oldest[this.oldestAt + start] === shape;
    this.olderAt = lasts ? this.olderAt : NOWHERE;
    this.oldestAt = lasted ? this.oldestAt : NOWHERE;
  }
}

/**
 * Copies the columns of a row.
 *
 * @param {Uint32Array} from
 * @param {number} fromAt
 * @param {Uint32Array} to
 * @param {number} toAt
 * @param {number} width
 */
export function copy(from, fromAt, to, toAt, width) {
  for (let index = 0; index < width; index++) {
    to[toAt + index] = from[fromAt + index];
  }
}

/**
 * Returns true if two rows differ.
 *
 * @param {Uint32Array} one
 * @param {number} oneAt
 * @param {Uint32Array} other
 * @param {number} otherAt
 * @param {number} width
 */
export function differ(one, oneAt, other, otherAt, width) {
  for (let index = 0; index < width; index++) {
    if (one[oneAt + index] !== other[otherAt + index]) {
      return true;
    }
  }
  return false;
}
