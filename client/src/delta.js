/**
 * A frame on the wire, as what has changed since a baseline frame. For each table in turn:
 *
 *     population   1 bit: entities have come or gone
 *       departures   count, then each one's index in the baseline, as gaps
 *       arrivals     count, then for each its slot as a gap, its generation, its whole row
 *     changes      for each row in both frames, by slot: its change
 *
 * A single has only the change of its one row. A keyframe is the delta from the empty frame.
 */

/** @import { Frame } from "./frame.js" */
/** @import { TableLayout } from "./layout.js" */
/** @import { SymbolReader } from "./symbols.js" */

import { DecodeError } from "./errors.js";
import { TableFrame } from "./frame.js";
import { MAX_ENTITIES } from "./limits.js";
import { readChange, readWhole } from "./row.js";

/** Decodes deltas; it keeps the scratch memory between them. */
export class DeltaReader {
  #tables;

  /** @param {TableLayout[]} layouts */
  constructor(layouts) {
    this.#tables = layouts.map((layout) => new TableReader(layout));
  }

  /**
   * Reads a delta into `frame`, whose content before does not matter, nor does it after an error.
   *
   * @param {Frame} baseline the last frame that the receiver has
   * @param {Frame | undefined} older the frame before that, if the delta uses it
   * @param {SymbolReader} symbols
   * @param {Frame} frame
   */
  read(baseline, older, symbols, frame) {
    this.#tables.forEach((table, index) => {
      table.read(baseline.tables[index], older?.tables[index], symbols, frame.tables[index]);
    });
  }
}

/** Decodes one table's part. */
class TableReader {
  #layout;
  /** @type {number[]} */
  #departures = [];
  #arrivals;

  /** @param {TableLayout} layout */
  constructor(layout) {
    this.#layout = layout;
    this.#arrivals = new TableFrame(layout.row.columns.length);
  }

  /**
   * @param {TableFrame} from
   * @param {TableFrame | undefined} older
   * @param {SymbolReader} symbols
   * @param {TableFrame} to
   */
  read(from, older, symbols, to) {
    this.#departures.length = 0;
    this.#arrivals.clear();
    if (!this.#layout.single && symbols.flag()) {
      this.#readDepartures(from, symbols);
      this.#readArrivals(symbols);
    }
    to.clear();
    this.#readChanges(from, this.#layout.row.usesHistory ? older : undefined, symbols, to);
  }

  /**
   * @param {TableFrame} from
   * @param {SymbolReader} symbols
   */
  #readDepartures(from, symbols) {
    let next = 0;
    for (let left = symbols.count(); left > 0; left--) {
      const index = next + symbols.gap();
      if (index >= from.length) {
        throw new DecodeError("no_such_entity");
      }
      this.#departures.push(index);
      next = index + 1;
    }
  }

  /** @param {SymbolReader} symbols */
  #readArrivals(symbols) {
    let next = 0;
    for (let left = symbols.count(); left > 0; left--) {
      const slot = next + symbols.gap();
      if (slot >= MAX_ENTITIES) {
        throw new DecodeError("bad_slot");
      }
      const at = this.#arrivals.push(slot, symbols.gap());
      readWhole(this.#layout.row, symbols, this.#arrivals.columns, at);
      next = slot + 1;
    }
  }

  /**
   * Merges the surviving rows, as their changes are read, with the arrivals, both by ascending slot.
   *
   * @param {TableFrame} from
   * @param {TableFrame | undefined} older
   * @param {SymbolReader} symbols
   * @param {TableFrame} to
   */
  #readChanges(from, older, symbols, to) {
    const layout = this.#layout.row;
    const arrivals = this.#arrivals;
    let departed = 0;
    let arrived = 0;
    let olderIndex = 0;
    for (let index = 0; index < from.length; index++) {
      if (this.#departures[departed] === index) {
        departed++;
        continue;
      }
      const slot = from.slots[index];
      const generation = from.generations[index];
      while (arrived < arrivals.length && arrivals.slots[arrived] < slot) {
        this.#pushArrival(arrived++, to);
      }
      if (arrived < arrivals.length && arrivals.slots[arrived] === slot) {
        throw new DecodeError("bad_slot");
      }
      while (older !== undefined && olderIndex < older.length && older.slots[olderIndex] < slot) {
        olderIndex++;
      }
      const history = older?.isAt(olderIndex, slot, generation) ? older.columns : undefined;
      const at = to.push(slot, generation);
      const baselineAt = index * from.width;
      const olderAt = olderIndex * from.width;
      readChange(layout, from.columns, baselineAt, history, olderAt, symbols, to.columns, at);
    }
    while (arrived < arrivals.length) {
      this.#pushArrival(arrived++, to);
    }
  }

  /**
   * @param {number} index
   * @param {TableFrame} to
   */
  #pushArrival(index, to) {
    const arrivals = this.#arrivals;
    const at = to.push(arrivals.slots[index], arrivals.generations[index]);
    const start = index * arrivals.width;
    for (let column = 0; column < arrivals.width; column++) {
      to.columns[at + column] = arrivals.columns[start + column];
    }
  }
}
