/** Profiles of simulated networks, and their text form. */

import { NetworkError } from "../base/errors.js";

const UNITS = { bit: 1, kbit: 1e3, mbit: 1e6 };

/**
 * A simulated network. Both directions have the same properties.
 *
 * @typedef {object} NetworkProfile
 * @property {number} delayMs of one direction
 * @property {number} jitterMs the greatest difference of a message's delay from `delayMs`
 * @property {number} stallShare the fraction of the time in which nothing gets through, 0 to 1
 * @property {number} stallMs the duration of a stall
 * @property {number} bitsPerS bandwidth; zero for no limit
 * @property {number} cutsPerS how often a connection breaks, on average
 */

/** @type {Readonly<NetworkProfile>} A network without delay or limits. */
const PERFECT = { delayMs: 0, jitterMs: 0, stallShare: 0, stallMs: 0, bitsPerS: 0, cutsPerS: 0 };

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} form an example
 * @property {RegExp} pattern
 * @property {(numbers: number[], unit: keyof typeof UNITS) => Partial<NetworkProfile>} read
 */

/** @type {Part[]} The parts of a profile's text form. */
const PARTS = [
  {
    name: "delay",
    form: "delay=60ms",
    pattern: /^delay=([\d.]+)ms$/,
    read: ([delayMs]) => ({ delayMs }),
  },
  {
    name: "jitter",
    form: "jitter=20ms",
    pattern: /^jitter=([\d.]+)ms$/,
    read: ([jitterMs]) => ({ jitterMs }),
  },
  {
    name: "stall",
    form: "stall=1%:300ms",
    pattern: /^stall=([\d.]+)%:([\d.]+)ms$/,
    read: ([percent, stallMs]) => ({ stallShare: percent / 100, stallMs }),
  },
  {
    name: "bandwidth",
    form: "bandwidth=256kbit",
    pattern: /^bandwidth=([\d.]+)(bit|kbit|mbit)$/,
    read: ([bits], unit) => ({ bitsPerS: bits * UNITS[unit] }),
  },
  {
    name: "drop",
    form: "drop=conn:0.1/s",
    pattern: /^drop=conn:([\d.]+)\/s$/,
    read: ([cutsPerS]) => ({ cutsPerS }),
  },
];

/**
 * Parses a profile, such as `delay=60ms,jitter=20ms,stall=1%:300ms,bandwidth=256kbit,drop=conn:0.1/s`. All parts are optional.
 * Throws a NetworkError if it is not valid.
 *
 * @param {string} text
 * @returns {NetworkProfile}
 */
export function parseNetwork(text) {
  const profile = { ...PERFECT };
  const seen = new Set();
  for (const word of text.split(",").map((word) => word.trim()).filter((word) => word !== "")) {
    const name = word.split("=")[0];
    const part = PARTS.find((part) => part.name === name);
    if (part === undefined) {
      throw new NetworkError("unknown_part", `${word}; known are ${PARTS.map(({ form }) => form).join(", ")}`);
    }
    if (seen.has(name)) {
      throw new NetworkError("repeated_part", name);
    }
    seen.add(name);
    Object.assign(profile, readPart(part, word));
  }
  return profile;
}

/**
 * @param {Part} part
 * @param {string} word
 */
function readPart({ pattern, form, read }, word) {
  const found = pattern.exec(word);
  if (found === null) {
    throw new NetworkError("bad_value", `${word}; an example is ${form}`);
  }
  const numbers = found.slice(1).map(Number);
  const unit = /** @type {keyof typeof UNITS} */ (found.at(-1));
  const values = read(numbers, unit);
  const { stallShare = 0, stallMs = 1, bitsPerS = 1 } = values;
  if (!Object.values(values).every(Number.isFinite) || stallShare >= 1 || stallMs <= 0 || bitsPerS <= 0) {
    throw new NetworkError("bad_value", `${word}; an example is ${form}; stalls must take less than 100 % of the time`);
  }
  return values;
}
