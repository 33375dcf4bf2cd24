/** The golden vectors of a world of areas: the snapshots of a player whose budget is too small, and whose connection lags. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { frameHash } from "../../src/codec/frame.js";
import { worldLayout } from "../../src/codec/layout.js";
import { readControl } from "../../src/messages/control.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { rows } from "../support/pair.js";
import { bytes } from "../support/vectors.js";

/**
 * @typedef {object} BorderVector
 * @property {string} hex
 * @property {number} tick
 * @property {number} ticks
 * @property {boolean} keyframe
 * @property {number} hashes_checked
 * @property {number} areas_skipped
 * @property {[areaClass: number, tick: number, hash: string][]} areas
 * @property {[number, number, number[]][][]} [parts] of the whole world in view; now and then
 */

const file = new URL("../../../shared/vectors/border.json", import.meta.url);

test("each snapshot gives the same areas and the same world as in Rust", () => {
  const { welcome, snapshots } = /** @type {{ welcome: string, snapshots: BorderVector[] }} */ (
    JSON.parse(readFileSync(file, "utf8"))
  );
  const message = readControl(bytes(welcome));
  assert.ok(message.type === "welcome");
  const mirror = new Mirror(worldLayout(allParts(tableStructs(message.schema))), 30);
  for (const { hex, parts, areas, ...expected } of snapshots) {
    const { tick, ticks, keyframe, hashesChecked, areasSkipped, areas: inView } = mirror.apply(bytes(hex));
    assert.deepEqual(
      { tick, ticks, keyframe, hashes_checked: hashesChecked, areas_skipped: areasSkipped },
      expected,
    );
    assert.equal(inView, areas.length);
    assert.deepEqual(
      mirror.areas.map(({ areaClass, frame }) => [areaClass, frame.tick, frameHash(frame).toString(16).padStart(8, "0")]),
      areas,
      `tick ${tick}`,
    );
    if (parts !== undefined) {
      assert.deepEqual(rows(mirror.current), parts, `tick ${tick}`);
    }
  }
  const count = (/** @type {(snapshot: BorderVector) => boolean} */ which) => snapshots.filter(which).length;
  assert.ok(count(({ parts }) => parts !== undefined) > 3 && count(({ areas_skipped }) => areas_skipped > 0) > 3);
});
