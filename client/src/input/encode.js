/**
 * The input message: a player's input for one tick.
 *
 *     byte 0     kind: KIND_INPUT
 *     bytes 1-2  the input's number, low 16 bits, little-endian
 *     bytes 3-4  the tick of the last snapshot received, low 16 bits, little-endian
 *     byte 5     lead: the input's tick less that tick, signed
 *     byte 6     view: how far the tick that was shown to the player lay behind that tick, in eighths of a tick
 *     bytes 7…   the input struct's row, in bits: for each column a flag "not as in the neutral row", and then which of the other
 *                values it has
 */

/** @import { InputStruct } from "./input-struct.js" */

import { BitWriter } from "../wire/bits.js";

/** First byte of an input. */
export const KIND_INPUT = 1;

/** The greatest lead that fits its byte. */
export const MAX_LEAD_TICKS = 127;

/** The greatest view that fits its byte. Greater views are clamped to it. */
export const MAX_VIEW_EIGHTHS = 255;

const HEADER_BYTES = 7;

const bits = new BitWriter();

/**
 * Writes an input message.
 *
 * @param {Pick<InputStruct, "layout" | "neutral">} struct
 * @param {{ number: number, ackedTick: number, tick: number, viewEighths: number }} header the input's number, counted from 1;
 *   the tick of the last snapshot received; the tick of the input; how far the tick that was shown to the player lay behind that
 *   snapshot, in eighths of a tick
 * @param {Uint32Array} row
 */
export function writeInput({ layout, neutral }, header, row) {
  bits.clear();
  for (let index = 0; index < layout.width; index++) {
    const differs = row[index] !== neutral[index];
    bits.write(differs ? 1 : 0, 1);
    if (differs) {
      // Counted upwards from the neutral value and around. The sum may take 33 bits: a remainder of doubles.
      const values = layout.max[index] + 1;
      bits.write(((row[index] - neutral[index] + values) % values) - 1, layout.choiceBits[index]);
    }
  }
  const body = bits.finish();
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  const lead = header.tick - header.ackedTick;
  view.setUint8(0, KIND_INPUT);
  view.setUint16(1, header.number & 0xffff, true);
  view.setUint16(3, header.ackedTick & 0xffff, true);
  view.setInt8(5, Math.min(Math.max(lead, -MAX_LEAD_TICKS - 1), MAX_LEAD_TICKS));
  view.setUint8(6, Math.min(Math.max(Math.round(header.viewEighths), 0), MAX_VIEW_EIGHTHS));
  message.set(body, HEADER_BYTES);
  return message;
}
