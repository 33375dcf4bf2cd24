/**
 * Deltas: a frame of an area as its changes since a baseline frame. For each part of its class in turn:
 *
 *     population   flag: entities have come or gone
 *       departures   count, then each one's index in the baseline, as gaps
 *       arrivals     count, then for each its slot as a gap, its generation, its whole row
 *     changes      for each row in both frames, by slot: its difference from the prediction
 *
 * A single has only the change of its one row. An area that is sent whole is a delta from the empty frame, so that there is one
 * encoding, and one decoder.
 */

/** @import { Frame } from "./frame.js" */
/** @import { Layout, PartLayout } from "./layout.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "../base/errors.js";
import { MAX_ENTITIES } from "../base/limits.js";
import { ARRIVALS, ARRIVAL_GAP, DEPARTURES, DEPARTURE_GAP, GENERATION } from "./contexts.js";
import { PartFrame, weightOf } from "./frame.js";
import { NOWHERE, RowBaseline } from "./row-baseline.js";
import { ChangeReader, readWhole } from "./row.js";

/**
 * The frames of an area that a delta is based on, each as many ticks before the next as the new frame is after the baseline.
 *
 * @typedef {object} Baseline
 * @property {Frame} frame the last frame that the client has
 * @property {Frame | undefined} older the frame before that, if it is used: two frames show motion
 * @property {Frame | undefined} oldest the frame before the older one, if it is used: three frames show how wrong the same
 *   prediction was a tick ago
 */

/** Decodes deltas. It holds memory that is used again for each delta. */
export class DeltaReader {
  /** For each area class the readers of its parts. */
  #classes;

  /** @param {Layout} layout */
  constructor({ parts, classes }) {
    this.#classes = classes.map((indexes) => indexes.map((index) => new PartReader(parts[index])));
  }

  /**
   * Decodes a delta into `frame`, whose tick is set. Its content before is replaced; after an error it is undefined.
   *
   * @param {number} areaClass
   * @param {Baseline} baseline
   * @param {number} columnsLeft columns that the frame may have
   * @param {SymbolReader | undefined} symbols undefined if no entity comes or goes and no row differs from its prediction
   * @param {Frame} frame
   */
  read(areaClass, { frame: from, older, oldest }, columnsLeft, symbols, frame) {
    let left = columnsLeft;
    this.#classes[areaClass].forEach((part, index) => {
      const to = frame.parts[index];
      to.clear(frame.tick);
      part.read(from.parts[index], older?.parts[index], oldest?.parts[index], left, symbols, to);
      left -= to.length * weightOf(to);
    });
  }
}

/** Decodes the delta of one part. */
class PartReader {
  #layout;
  /** @type {number[]} */
  #departures = [];
  #arrivals;
  #changes;
  #none;
  #baseline = new RowBaseline();

  /** @param {PartLayout} layout */
  constructor(layout) {
    this.#layout = layout;
    this.#arrivals = new PartFrame(layout.row.width);
    this.#changes = new ChangeReader(layout);
    this.#none = new PartFrame(layout.row.width);
  }

  /**
   * @param {PartFrame} from
   * @param {PartFrame | undefined} older
   * @param {PartFrame | undefined} oldest
   * @param {number} columnsLeft columns that the frame may still have
   * @param {SymbolReader | undefined} symbols
   * @param {PartFrame} to
   */
  read(from, older, oldest, columnsLeft, symbols, to) {
    this.#departures.length = 0;
    this.#arrivals.clear(to.tick);
    if (symbols !== undefined && !this.#layout.single && symbols.flag(this.#layout.contexts.population) === 1) {
      this.#readDepartures(from, symbols);
      this.#readArrivals(columnsLeft, symbols);
    }
    const rows = from.length - this.#departures.length + this.#arrivals.length;
    if (rows * weightOf(this.#layout.row) > columnsLeft) {
      throw new DecodeError("frame_too_large");
    }
    this.#readChanges(from, older ?? this.#none, oldest ?? this.#none, symbols, to);
  }

  /**
   * @param {PartFrame} from
   * @param {SymbolReader} symbols
   */
  #readDepartures(from, symbols) {
    const { contexts } = this.#layout;
    let next = 0;
    for (let left = symbols.count(contexts.count(DEPARTURES)); left > 0; left--) {
      const index = next + symbols.count(contexts.count(DEPARTURE_GAP));
      if (index >= from.length) {
        throw new DecodeError("no_such_entity");
      }
      this.#departures.push(index);
      next = index + 1;
    }
  }

  /**
   * @param {number} columnsLeft
   * @param {SymbolReader} symbols
   */
  #readArrivals(columnsLeft, symbols) {
    const { contexts, row } = this.#layout;
    const arrivals = symbols.count(contexts.count(ARRIVALS));
    if (arrivals * weightOf(row) > columnsLeft) {
      throw new DecodeError("frame_too_large");
    }
    let next = 0;
    for (let left = arrivals; left > 0; left--) {
      const slot = next + symbols.count(contexts.count(ARRIVAL_GAP));
      if (slot >= MAX_ENTITIES) {
        throw new DecodeError("bad_slot");
      }
      const at = this.#arrivals.push(slot, symbols.count(contexts.count(GENERATION)));
      readWhole(this.#layout, symbols, this.#arrivals.columns, at);
      next = slot + 1;
    }
  }

  /**
   * Merges the rows that stay, whose changes it reads, with the arrivals, both by ascending slot.
   *
   * @param {PartFrame} from
   * @param {PartFrame} older
   * @param {PartFrame} oldest
   * @param {SymbolReader | undefined} symbols
   * @param {PartFrame} to
   */
  #readChanges(from, older, oldest, symbols, to) {
    const arrivals = this.#arrivals;
    const baseline = this.#baseline;
    baseline.columns = from.columns;
    baseline.older = older.columns;
    baseline.oldest = oldest.columns;
    let departed = 0;
    let arrived = 0;
    let olderIndex = 0;
    let oldestIndex = 0;
    this.#changes.start();
    for (let index = 0; index < from.length; index++) {
      if (departed < this.#departures.length && this.#departures[departed] === index) {
        departed++;
        continue;
      }
      const slot = from.slots[index];
      const generation = from.generations[index];
      while (arrived < arrivals.length && arrivals.slots[arrived] < slot) {
        to.pushFrom(arrivals, arrived++);
      }
      if (arrived < arrivals.length && arrivals.slots[arrived] === slot) {
        // The slot is still taken: its entity has not departed.
        throw new DecodeError("bad_slot");
      }
      olderIndex = older.seek(olderIndex, slot);
      oldestIndex = oldest.seek(oldestIndex, slot);
      const hasOlder = older.isAt(olderIndex, slot, generation);
      const hasOldest = hasOlder && oldest.isAt(oldestIndex, slot, generation);
      baseline.at = index * from.width;
      baseline.olderAt = hasOlder ? olderIndex * older.width : NOWHERE;
      baseline.oldestAt = hasOldest ? oldestIndex * oldest.width : NOWHERE;
      const at = to.push(slot, generation);
      this.#changes.read(baseline, symbols, to.columns, at);
    }
    while (arrived < arrivals.length) {
      to.pushFrom(arrivals, arrived++);
    }
  }
}
