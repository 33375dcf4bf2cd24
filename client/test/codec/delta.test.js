/**
 * Tests of deltas that no server sends.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { HASH_PROBABILITY } from "../../src/codec/block.js";
import { ARRIVALS, ARRIVAL_GAP, DEPARTURES, DEPARTURE_GAP, GENERATION } from "../../src/codec/contexts.js";
import { Priors } from "../../src/codec/priors.js";
import { Mirror } from "../../src/mirror/mirror.js";
import { PLACED, clock, layout, place } from "../support/harbour.js";
import { FakeServer, QUIET, writeMessage } from "../support/server.js";
import { SymbolWriter } from "../support/writers.js";

const [ships, , , , , mines] = layout.parts;
const UNKNOWN_HISTORY = 9;

/**
 * Checks that a mirror of three ships and a mine refuses a block, and the deltas after it.
 *
 * @param {string} code
 * @param {(symbols: SymbolWriter) => void} write
 */
function refuses(code, write) {
  const server = new FakeServer(layout);
  const mirror = new Mirror(layout, 30);
  const harbour = place([[1, 0, [100, 5]], [2, 0, [200, 5]], [7, 3, [300, 5]]], [4]);
  mirror.apply(server.keyframe(50, [clock(1), harbour], [PLACED]));
  const { current, previous } = mirror;
  const symbols = new SymbolWriter(new Priors(layout.defaultPriors));
  symbols.coder.write(HASH_PROBABILITY, 0);
  write(symbols);
  const block = symbols.coder.finish();
  assert.throws(() => mirror.apply(writeMessage({ areas: [QUIET, block] })), { code });
  assert.ok(mirror.current === current && mirror.previous === previous && current.tick === 50);
  assert.throws(() => mirror.apply(server.delta([clock(1), harbour])), { code: "no_baseline" });
}

/** @param {SymbolWriter} symbols */
function shipsAsTheyWere(symbols) {
  symbols.flag(ships.contexts.population, 0);
  [1, 2, 3].forEach(() => symbols.flag(ships.contexts.row(UNKNOWN_HISTORY, 0), 0));
}

test("a despawn of an entity that does not exist is refused", () => {
  refuses("no_such_entity", (symbols) => {
    symbols.flag(ships.contexts.population, 1);
    symbols.count(ships.contexts.count(DEPARTURES), 2);
    symbols.count(ships.contexts.count(DEPARTURE_GAP), 1);
    symbols.count(ships.contexts.count(DEPARTURE_GAP), 1);
  });
});

test("a spawn in a slot that is taken or out of range is refused", () => {
  for (const slot of [4, 65_536, 2 ** 31]) {
    refuses("bad_slot", (symbols) => {
      shipsAsTheyWere(symbols);
      symbols.flag(mines.contexts.population, 1);
      symbols.count(mines.contexts.count(DEPARTURES), 0);
      symbols.count(mines.contexts.count(ARRIVALS), 1);
      symbols.count(mines.contexts.count(ARRIVAL_GAP), slot);
      symbols.count(mines.contexts.count(GENERATION), 0);
    });
  }
});

test("a value beyond its column's range is refused", () => {
  refuses("value_out_of_range", (symbols) => {
    symbols.flag(ships.contexts.population, 0);
    symbols.flag(ships.contexts.row(UNKNOWN_HISTORY, 0), 1);
    // The first field gets the number -(2^31 - 1).
    const [x] = ships.contexts.fields;
    symbols.flag(x.differs(4, 0), 1);
    symbols.number(x.number(0, 4), x.shared(0), 0, -(2 ** 31 - 1));
  });
  refuses("value_out_of_range", (symbols) => {
    symbols.flag(ships.contexts.population, 1);
    symbols.count(ships.contexts.count(DEPARTURES), 0);
    symbols.count(ships.contexts.count(ARRIVALS), 1);
    symbols.count(ships.contexts.count(ARRIVAL_GAP), 9);
    symbols.count(ships.contexts.count(GENERATION), 0);
    // One more than its maximum.
    symbols.flag(ships.contexts.fields[0].spawned, 1);
    symbols.coder.writeRaw(ships.row.max[0], ships.row.choiceBits[0]);
  });
});

test("a delta that does not end is refused", () => {
  refuses("truncated", (symbols) => {
    symbols.flag(ships.contexts.population, 1);
    symbols.count(ships.contexts.count(DEPARTURES), 2 ** 31 - 2);
  });
});

test("a block with bytes after its end is refused", () => {
  refuses("trailing_bits", (symbols) => {
    shipsAsTheyWere(symbols);
    symbols.flag(mines.contexts.population, 0);
    symbols.flag(mines.contexts.row(UNKNOWN_HISTORY, 0), 0);
    symbols.coder.writeRaw(0, 32);
  });
});

test("too many columns are refused before they are read, and a row without columns counts as one", () => {
  for (const part of [ships, mines]) {
    refuses("frame_too_large", (symbols) => {
      if (part === mines) {
        shipsAsTheyWere(symbols);
      }
      symbols.flag(part.contexts.population, 1);
      symbols.count(part.contexts.count(DEPARTURES), 0);
      symbols.count(part.contexts.count(ARRIVALS), 2 ** 22 + 1);
    });
  }
});
