/** Texts as columns. */

import { textColumns } from "./kinds.js";

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Writes a text, cut at the end of a character if it is too long.
 *
 * @param {number} maxBytes
 * @param {string} text
 * @param {Uint32Array} row
 * @param {number} at
 */
export function quantizeText(maxBytes, text, row, at) {
  const bytes = utf8Encoder.encode(text);
  let length = Math.min(bytes.length, maxBytes);
  // A byte 0b10…… continues a character: do not cut before it.
  while ((bytes[length] & 0xc0) === 0x80) {
    length--;
  }
  row.fill(0, at, at + textColumns(maxBytes));
  row[at] = length;
  for (let index = 0; index < length; index++) {
    row[at + 1 + (index >>> 2)] |= bytes[index] << (8 * (index & 3));
  }
}

/**
 * @param {number} maxBytes
 * @param {Uint32Array} row
 * @param {number} at
 */
export function dequantizeText(maxBytes, row, at) {
  const bytes = new Uint8Array(Math.min(row[at], maxBytes));
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = row[at + 1 + (index >>> 2)] >>> (8 * (index & 3));
  }
  return utf8Decoder.decode(bytes);
}
