/** A mirror with its server, and the world that the mirror should show. */

/** @import { Frame } from "../../src/codec/frame.js" */

import assert from "node:assert/strict";

import { Mirror } from "../../src/mirror/mirror.js";
import { layout } from "./harbour.js";
import { FakeServer } from "./server.js";

/**
 * Rows as slot, generation and columns, part by part.
 *
 * @param {Frame} frame
 */
export function rows(frame) {
  return frame.parts.map(({ width, length, slots, generations, columns }) =>
    Array.from({ length }, (_, index) => [
      slots[index],
      generations[index],
      [...columns.subarray(index * width, (index + 1) * width)],
    ]),
  );
}

/**
 * The world that the client of a server should see: the newest row of each slot.
 *
 * @param {FakeServer} server
 */
function union({ list }) {
  const world = layout.parts.map(() => /** @type {Map<number, { tick: number, row: any }>} */ (new Map()));
  for (const { areaClass, known: [frame] } of list) {
    rows(frame).forEach((part, index) => {
      const into = world[layout.classes[areaClass][index]];
      for (const row of part) {
        const slot = /** @type {number} */ (row[0]);
        if ((into.get(slot)?.tick ?? -1) < frame.tick) {
          into.set(slot, { tick: frame.tick, row });
        }
      }
    });
  }
  return world.map((part) => [...part].sort(([a], [b]) => a - b).map(([, { row }]) => row));
}

/** A mirror and its server; the world is checked after each snapshot. */
export class Pair {
  mirror = new Mirror(layout, 30);
  server = new FakeServer(layout);
  /** The last message. */
  message = new Uint8Array();

  /** @param {Parameters<FakeServer["keyframe"]>} args */
  keyframe(...args) {
    this.message = this.server.keyframe(...args);
    return this.#apply();
  }

  /** @param {Parameters<FakeServer["delta"]>} args */
  delta(...args) {
    this.message = this.server.delta(...args);
    return this.#apply();
  }

  #apply() {
    const before = rows(this.mirror.current);
    const applied = this.mirror.apply(this.message);
    assert.equal(applied.tick, this.server.tick);
    assert.equal(applied.areas, this.server.list.length);
    assert.deepEqual(rows(this.mirror.current), union(this.server));
    assert.deepEqual(rows(this.mirror.previous), before);
    return applied;
  }

  /** The ships that the mirror shows: slot and columns. */
  get ships() {
    return rows(this.mirror.current)[0].map(([slot, , columns]) => [slot, columns]);
  }
}
