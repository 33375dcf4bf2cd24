/**
 * Tests of tables in a world of areas.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @import { Content } from "../support/server.js" */

import { entityId } from "../../src/base/entity-id.js";
import { mirrorTables, population } from "../../src/view/tables.js";
import { PLACED, PLACED_OWN, PLACED_TEAMS, TEAMS, clock, place, structs } from "../support/harbour.js";
import { Pair } from "../support/pair.js";
import { SKIPPED } from "../support/server.js";

/** The entities that came into view and that left it with the last snapshot. @param {Pair} pair */
function populationChange({ mirror }) {
  const { spawned, despawned } = population(structs, mirror.previous, mirror.current);
  const short = (/** @type {[string, { id: number }][]} */ list) => list.map(([table, { id }]) => `${table} ${id}`);
  return { spawned: short(spawned), despawned: short(despawned) };
}

/** The content of a team's area of ships. @param {[slot: number, cargo: number][]} ships @returns {Content} */
const cargo = (...ships) => [ships.map(([slot, cargo]) => [slot, 0, [cargo]])];

/** The content of an owner's area of ships and mines. @returns {Content} */
const own = () => [[[2, 0, [77]]], [[5, 0, [3]]]];

test("an entity has the fields of the parts that are in view, and no others", () => {
  const pair = new Pair();
  const tables = mirrorTables(structs, pair.mirror);
  const ships = place([[1, 0, [10, 1]], [2, 0, [20, 2]], [3, 4, [30, 3]]], [5, 6]);
  pair.keyframe(1, [clock(9), ships], [PLACED]);
  assert.deepEqual([...tables.ships], [
    { id: 1, x: 10, hull: 1 },
    { id: 2, x: 20, hull: 2 },
    { id: entityId(3, 4), x: 30, hull: 3 },
  ]);
  // A row of another generation, or of an entity that is not in view, belongs to no entity.
  pair.delta([clock(9), ships, cargo([1, 8], [2, 9], [3, 1], [4, 1]), own()], { enters: [PLACED_TEAMS, PLACED_OWN] });
  assert.deepEqual([...tables.ships], [
    { id: 1, x: 10, hull: 1, cargo: 8 },
    { id: 2, x: 20, hull: 2, cargo: 9, course: 77 },
    { id: entityId(3, 4), x: 30, hull: 3 },
  ]);
  assert.deepEqual([...tables.mines], [{ id: 5, fuse: 3 }, { id: 6 }]);
  assert.deepEqual(tables.ships.get(2), { id: 2, x: 20, hull: 2, cargo: 9, course: 77 });
  assert.equal(tables.ships.get(4), undefined);
  /** @type {unknown[]} */
  const calls = [];
  assert.equal(tables.ships.forEach((/** @type {unknown[]} */ ...args) => calls.push(args)), undefined);
  assert.deepEqual(calls, [...tables.ships].map((ship) => [ship]));
  assert.deepEqual([tables.ships.size, tables.mines.size, tables.notes.size], [3, 2, 0]);
  assert.deepEqual(populationChange(pair), { spawned: [], despawned: [] });
  pair.delta([clock(10), ships, [[[0, 0, [4]]]]], { leaves: [2, 3], enters: [TEAMS] });
  assert.deepEqual([...tables.mines], [{ id: 5 }, { id: 6 }]);
  assert.deepEqual([...tables.notes], [{ id: 0, text: 4 }]);
  assert.deepEqual(tables.clock, { seconds: 10 });
});

test("an entity that crosses into another area in view neither spawns nor despawns; one that leaves the view despawns", () => {
  const pair = new Pair();
  pair.keyframe(1, [clock(0), place([[1, 0, [10, 1]]]), place([[2, 0, [20, 2]]])], [PLACED, PLACED]);
  assert.deepEqual(populationChange(pair), { spawned: ["ships 1", "ships 2"], despawned: [] });
  pair.delta([clock(0), place([]), place([[1, 0, [11, 1]], [2, 0, [20, 2]]])]);
  assert.deepEqual(populationChange(pair), { spawned: [], despawned: [] });
  // Even if the area that it has left is skipped.
  pair.delta([clock(0), place([[2, 0, [20, 2]]]), SKIPPED]);
  assert.deepEqual(populationChange(pair), { spawned: [], despawned: [] });
  pair.delta([clock(0), place([[2, 0, [20, 2]]])], { leaves: [2] });
  assert.deepEqual(populationChange(pair), { spawned: [], despawned: ["ships 1"] });
  // A new entity of the same slot is another one.
  pair.delta([clock(0), place([[2, 1, [20, 2]]])]);
  assert.deepEqual(populationChange(pair), { spawned: [`ships ${entityId(2, 1)}`], despawned: ["ships 2"] });
});

test("a despawned entity has its last state, with the fields of all parts", () => {
  const pair = new Pair();
  pair.keyframe(1, [clock(0), place([[1, 0, [10, 1]]]), cargo([1, 8])], [PLACED, PLACED_TEAMS]);
  pair.delta([clock(0), place([])], { leaves: [2] });
  const { despawned } = population(structs, pair.mirror.previous, pair.mirror.current);
  assert.deepEqual(despawned, [["ships", { id: 1, x: 10, hull: 1, cargo: 8 }]]);
});
