/**
 * Formats figures for people.
 * @module
 */

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Shown in place of an unknown figure. */
export const NONE = "–";

/** @param {number | undefined | null} value */
export function count(value) {
  return value === undefined || value === null || Number.isNaN(value) ? NONE : whole.format(value);
}

/** @param {number | undefined | null} value */
export function bytes(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return NONE;
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < BYTE_UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${rest.toFixed(unit === 0 || rest >= 99.5 ? 0 : rest >= 9.95 ? 1 : 2)} ${BYTE_UNITS[unit]}`;
}

/** @param {number} value */
export const bytesPerSecond = (value) => `${bytes(value)}/s`;

/** @param {number | undefined} us */
export function microseconds(us) {
  if (us === undefined || Number.isNaN(us)) return NONE;
  if (us < 1000) return `${Math.round(us)} µs`;
  const ms = us / 1000;
  return ms < 1000 ? `${ms.toFixed(ms < 9.95 ? 2 : ms < 99.5 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** @param {number} value */
export function perSecond(value) {
  return `${value < 10 ? Number(value.toFixed(2)) : Math.round(value)}/s`;
}

/** @param {number} share */
export const percent = (share) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** @param {number} seconds */
export function duration(seconds) {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  const hours = Math.floor(s / 3600);
  return hours < 24 ? `${hours} h ${Math.floor((s % 3600) / 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {string} name an identifier such as `room_full` */
export const words = (name) => name.replaceAll("_", " ");

/**
 * The smallest of 0, 1, 2, 5, 10, 20, … that is not below a value.
 * @param {number} value
 */
export function roundUp(value) {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((digit) => digit * power >= value * (1 - 1e-9)) ?? 10);
}
