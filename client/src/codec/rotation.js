/**
 * The arithmetic of predicted rotations, on quantized quaternions.
 *
 * It is done in doubles, with the basic operations and `sqrt` in exactly this order: every implementation must get the same
 * integers.
 */

/** Scratch memory of {@link turnOn}. */
const unpacked = new Float64Array(4);

/**
 * Dequantizes a quaternion from four columns.
 *
 * @param {number} scale the greatest value of its parts
 * @param {Uint32Array} columns
 * @param {number} at
 * @param {Float64Array} parts
 */
export function unpack(scale, columns, at, parts) {
  const largest = columns[at];
  let rest = 1;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const part = ((columns[column++] / scale) * 2 - 1) * Math.SQRT1_2;
      parts[index] = part;
      rest -= part * part;
    }
  }
  parts[largest] = rest > 0 ? Math.sqrt(rest) : 0;
}

/**
 * The rotation a step after the last, if it turns on as from the one before: on the great circle through both, as far again.
 *
 * @param {number} scale
 * @param {Uint32Array} columns
 * @param {number} lastAt
 * @param {Uint32Array} older
 * @param {number} beforeAt
 * @param {Float64Array} parts
 */
export function turnOn(scale, columns, lastAt, older, beforeAt, parts) {
  unpack(scale, columns, lastAt, parts);
  unpack(scale, older, beforeAt, unpacked);
  let dot = 0;
  for (let index = 0; index < 4; index++) {
    dot += parts[index] * unpacked[index];
  }
  // A quaternion and its negative are the same rotation: start from the nearer one.
  const sign = dot < 0 ? -1 : 1;
  for (let index = 0; index < 4; index++) {
    parts[index] = 2 * (dot * sign) * parts[index] - unpacked[index] * sign;
  }
}

/**
 * The index of the component of greatest magnitude; the first of equal ones.
 *
 * @param {Float64Array} parts
 */
export function largestOf(parts) {
  let largest = 0;
  for (let index = 1; index < 4; index++) {
    if (Math.abs(parts[index]) > Math.abs(parts[largest])) {
      largest = index;
    }
  }
  return largest;
}

/**
 * Quantizes a quaternion into four columns, by a largest component that need not be its own.
 *
 * @param {number} scale
 * @param {Float64Array} parts
 * @param {number} largest
 * @param {Uint32Array} columns
 * @param {number} at
 */
export function pack(scale, parts, largest, columns, at) {
  const sign = parts[largest] < 0 ? -1 : 1;
  columns[at] = largest;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const unit = (parts[index] * sign * Math.SQRT2 + 1) * 0.5;
      const steps = Math.floor(unit * scale + 0.5);
      columns[column++] = steps < 0 ? 0 : steps > scale ? scale : steps;
    }
  }
}
