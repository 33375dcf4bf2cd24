/**
 * A world of areas as a game reads it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Content } from "../support/server.js" */

import { entityId, mirrorTables, population } from "../../src/view/tables.js";
import { PLACED, PLACED_OWN, PLACED_TEAMS, TEAMS, clock, place, structs } from "../support/harbour.js";
import { Pair } from "../support/pair.js";
import { SKIPPED } from "../support/server.js";

/** What has come into view and gone with the last snapshot. @param {Pair} pair */
function news({ mirror }) {
  const { spawned, despawned } = population(structs, mirror.previous, mirror.current);
  const short = (/** @type {[string, { id: number }][]} */ list) => list.map(([table, { id }]) => `${table} ${id}`);
  return { spawned: short(spawned), despawned: short(despawned) };
}

/** What a team knows of ships. @param {[slot: number, cargo: number][]} ships @returns {Content} */
const cargo = (...ships) => [ships.map(([slot, cargo]) => [slot, 0, [cargo]])];

/** What an owner knows of ships and mines. @returns {Content} */
const own = () => [[[2, 0, [77]]], [[5, 0, [3]]]];

test("an entity has the fields of all parts that are in view, and no others", () => {
  const pair = new Pair();
  const tables = mirrorTables(structs, pair.mirror);
  const ships = place([[1, 0, [10, 1]], [2, 0, [20, 2]], [3, 4, [30, 3]]], [5, 6]);
  pair.keyframe(1, [clock(9), ships], [PLACED]);
  assert.deepEqual([...tables.ships], [
    { id: 1, x: 10, hull: 1 },
    { id: 2, x: 20, hull: 2 },
    { id: entityId(3, 4), x: 30, hull: 3 },
  ]);
  // A row of another generation, or of an entity that is not in view, is nobody's.
  pair.delta([clock(9), ships, cargo([1, 8], [2, 9], [3, 1], [4, 1]), own()], { enters: [PLACED_TEAMS, PLACED_OWN] });
  assert.deepEqual([...tables.ships], [
    { id: 1, x: 10, hull: 1, cargo: 8 },
    { id: 2, x: 20, hull: 2, cargo: 9, course: 77 },
    { id: entityId(3, 4), x: 30, hull: 3 },
  ]);
  assert.deepEqual([...tables.mines], [{ id: 5, fuse: 3 }, { id: 6 }]);
  assert.deepEqual(tables.ships.get(2), { id: 2, x: 20, hull: 2, cargo: 9, course: 77 });
  assert.equal(tables.ships.get(4), undefined);
  assert.deepEqual([tables.ships.size, tables.mines.size, tables.notes.size], [3, 2, 0]);
  assert.deepEqual(news(pair), { spawned: [], despawned: [] });
  pair.delta([clock(10), ships, [[[0, 0, [4]]]]], { leaves: [2, 3], enters: [TEAMS] });
  assert.deepEqual([...tables.mines], [{ id: 5 }, { id: 6 }]);
  assert.deepEqual([...tables.notes], [{ id: 0, text: 4 }]);
  assert.deepEqual(tables.clock, { seconds: 10 });
});

test("who crosses into another area in view neither comes nor goes, who leaves the view goes", () => {
  const pair = new Pair();
  pair.keyframe(1, [clock(0), place([[1, 0, [10, 1]]]), place([[2, 0, [20, 2]]])], [PLACED, PLACED]);
  assert.deepEqual(news(pair), { spawned: ["ships 1", "ships 2"], despawned: [] });
  pair.delta([clock(0), place([]), place([[1, 0, [11, 1]], [2, 0, [20, 2]]])]);
  assert.deepEqual(news(pair), { spawned: [], despawned: [] });
  // Even if the area that it has left is not told yet.
  pair.delta([clock(0), place([[2, 0, [20, 2]]]), SKIPPED]);
  assert.deepEqual(news(pair), { spawned: [], despawned: [] });
  pair.delta([clock(0), place([[2, 0, [20, 2]]])], { leaves: [2] });
  assert.deepEqual(news(pair), { spawned: [], despawned: ["ships 1"] });
  // A new entity of the same slot is another one.
  pair.delta([clock(0), place([[2, 1, [20, 2]]])]);
  assert.deepEqual(news(pair), { spawned: [`ships ${entityId(2, 1)}`], despawned: ["ships 2"] });
});

test("a despawned entity has its last state, with what was known of it besides", () => {
  const pair = new Pair();
  pair.keyframe(1, [clock(0), place([[1, 0, [10, 1]]]), cargo([1, 8])], [PLACED, PLACED_TEAMS]);
  pair.delta([clock(0), place([])], { leaves: [2] });
  const { despawned } = population(structs, pair.mirror.previous, pair.mirror.current);
  assert.deepEqual(despawned, [["ships", { id: 1, x: 10, hull: 1, cargo: 8 }]]);
});
