/** Values and figures as text. */

/** Decimals of the numbers in tables: enough to see what moves, and short enough to read while it does. */
const DECIMALS = 3;

/**
 * A value as compact JSON.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function compact(value) {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(plain(value));
}

/**
 * A value as JSON has it: a BigInt as text, bytes as an array, a map as its entries.
 *
 * @param {any} value
 * @returns {unknown}
 */
function plain(value) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number(value.toFixed(DECIMALS));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(plain);
  if (value instanceof Uint8Array) return [...value];
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/** @param {number} bytes */
export function sized(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power > 0 && amount < 100 ? 1 : 0)} ${units[power]}`;
}

/**
 * A number of things, in words.
 *
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/**
 * The message of an error.
 *
 * @param {unknown} error
 */
export function reasonOf(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
