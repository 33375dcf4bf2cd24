/** Quantization of rotations. */

/** @typedef {{ x: number, y: number, z: number, w: number }} Quat */

/**
 * Quantizes a rotation by its smallest three components: the index of the largest, then the others in the order x y z w. They lie
 * within ±1/√2, and the largest follows from them (Glenn Fiedler, "Snapshot Compression", 2015).
 *
 * @param {number} bits
 * @param {Quat} rotation
 * @param {Uint32Array} row
 * @param {number} at
 */
export function quantizeQuat(bits, rotation, row, at) {
  let parts = [rotation.x, rotation.y, rotation.z, rotation.w];
  const length = Math.sqrt(parts.reduce((sum, part) => sum + part * part, 0));
  parts = Number.isFinite(length) && length > 1e-9 ? parts.map((part) => part / length) : [0, 0, 0, 1];
  let largest = 0;
  for (let index = 1; index < 4; index++) {
    if (Math.abs(parts[index]) > Math.abs(parts[largest])) {
      largest = index;
    }
  }
  // A quaternion and its negative are the same rotation: make the largest component positive, since it is not sent.
  const sign = parts[largest] < 0 ? -1 : 1;
  const max = 2 ** bits - 1;
  row[at] = largest;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const unit = (parts[index] * sign * Math.SQRT2 + 1) * 0.5;
      row[column++] = Math.min(Math.max(Math.floor(unit * max + 0.5), 0), max);
    }
  }
}

/**
 * @param {number} bits
 * @param {Uint32Array} row
 * @param {number} at
 * @returns {Quat}
 */
export function dequantizeQuat(bits, row, at) {
  const max = 2 ** bits - 1;
  const largest = row[at];
  const parts = [0, 0, 0, 0];
  let rest = 1;
  for (let index = 0, column = at + 1; index < 4; index++) {
    if (index !== largest) {
      const part = ((row[column++] / max) * 2 - 1) * Math.SQRT1_2;
      parts[index] = part;
      rest -= part * part;
    }
  }
  parts[largest] = Math.sqrt(Math.max(rest, 0));
  const length = Math.sqrt(parts.reduce((sum, part) => sum + part * part, 0));
  return { x: parts[0] / length, y: parts[1] / length, z: parts[2] / length, w: parts[3] / length };
}
