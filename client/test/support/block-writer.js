/** A writer of blocks: the reverse of src/codec/block.js, delta.js and row.js. */

/** @import { FieldContexts } from "../../src/codec/contexts.js" */
/** @import { Baseline } from "../../src/codec/delta.js" */
/** @import { Frame, PartFrame } from "../../src/codec/frame.js" */
/** @import { Layout, PartLayout } from "../../src/codec/layout.js" */

import { HASH_PROBABILITY } from "../../src/codec/block.js";
import {
  ARRIVALS,
  ARRIVAL_GAP,
  CLASSES,
  DEPARTURES,
  DEPARTURE_GAP,
  GENERATION,
  classOf,
  levelOf,
} from "../../src/codec/contexts.js";
import { Expected, rebase } from "../../src/codec/predict.js";
import { Priors } from "../../src/codec/priors.js";
import { NOWHERE, RowBaseline } from "../../src/codec/row-baseline.js";
import { NUMBER, ROTATION } from "../../src/schema/coding.js";
import { SymbolWriter } from "./writers.js";

/**
 * An area's block.
 *
 * @param {Layout} layout
 * @param {number} areaClass
 * @param {Baseline} baseline
 * @param {Frame} frame
 * @param {{ hash?: number, priors?: Priors }} [options] `hash`: the hash in the block
 * @returns {{ bytes: Uint8Array, quiet: boolean }} `quiet`: true if everything is as predicted
 */
export function writeBlock(layout, areaClass, baseline, frame, { hash, priors = new Priors(layout.defaultPriors) } = {}) {
  const symbols = new SymbolWriter(priors);
  symbols.coder.write(HASH_PROBABILITY, hash === undefined ? 0 : 1);
  if (hash !== undefined) {
    symbols.coder.writeRaw(hash, 32);
  }
  let quiet = true;
  layout.classes[areaClass].forEach((part, index) => {
    const from = [baseline.frame, baseline.older, baseline.oldest].map((frame) => frame?.parts[index]);
    quiet = writePart(layout.parts[part], from, frame.parts[index], symbols) && quiet;
  });
  return { bytes: shortened(symbols.coder.finish()), quiet };
}

/**
 * The bytes without the zeros at the end that a reader adds; at least one byte.
 *
 * @param {Uint8Array} bytes
 */
export function shortened(bytes) {
  let length = bytes.length;
  while (length > Math.max(bytes.length - 4, 1) && bytes[length - 1] === 0) {
    length--;
  }
  return bytes.subarray(0, length);
}

/**
 * @param {PartLayout} layout
 * @param {(PartFrame | undefined)[]} baseline
 * @param {PartFrame} to
 * @param {SymbolWriter} symbols
 * @returns {boolean} true if it is as predicted
 */
function writePart(layout, [from, older, oldest], to, symbols) {
  if (from === undefined) {
    throw new TypeError("there is always a baseline");
  }
  const alike = layout.single || writePopulation(layout, from, to, symbols);
  let differed = 0;
  let any = false;
  for (let index = 0; index < from.length; index++) {
    const [slot, generation] = [from.slots[index], from.generations[index]];
    const at = to.indexOf(slot, generation);
    if (at < 0) {
      continue;
    }
    const baseline = new RowBaseline();
    const start = (/** @type {PartFrame | undefined} */ part) => {
      const row = part?.indexOf(slot, generation) ?? -1;
      return part === undefined || row < 0 ? NOWHERE : row * part.width;
    };
    baseline.columns = from.columns;
    baseline.at = index * from.width;
    baseline.older = older?.columns ?? baseline.columns;
    baseline.olderAt = start(older);
    baseline.oldest = oldest?.columns ?? baseline.columns;
    baseline.oldestAt = baseline.olderAt === NOWHERE ? NOWHERE : start(oldest);
    const row = to.columns.slice(at * to.width, (at + 1) * to.width);
    const differs = new RowWriter(layout, baseline, row, symbols).write(differed);
    differed = (differs << 1) | (differed >> 1);
    any ||= differs === 1;
  }
  return alike && !any;
}

/**
 * @param {PartLayout} layout
 * @param {PartFrame} from
 * @param {PartFrame} to
 * @param {SymbolWriter} symbols
 * @returns {boolean} true if no entity comes or goes
 */
function writePopulation({ contexts, row }, from, to, symbols) {
  const rows = (/** @type {PartFrame} */ { length }) => Array.from({ length }, (_, index) => index);
  const gone = rows(from).filter((index) => to.indexOf(from.slots[index], from.generations[index]) < 0);
  const come = rows(to).filter((index) => from.indexOf(to.slots[index], to.generations[index]) < 0);
  symbols.flag(contexts.population, gone.length + come.length === 0 ? 0 : 1);
  if (gone.length + come.length === 0) {
    return true;
  }
  symbols.count(contexts.count(DEPARTURES), gone.length);
  gone.forEach((index, at) => symbols.count(contexts.count(DEPARTURE_GAP), index - (at > 0 ? gone[at - 1] + 1 : 0)));
  symbols.count(contexts.count(ARRIVALS), come.length);
  come.forEach((index, at) => {
    symbols.count(contexts.count(ARRIVAL_GAP), to.slots[index] - (at > 0 ? to.slots[come[at - 1]] + 1 : 0));
    symbols.count(contexts.count(GENERATION), to.generations[index]);
    row.fields.forEach(({ start, end }, field) => {
      for (let column = start; column < end; column++) {
        const value = to.columns[index * to.width + column];
        symbols.flag(contexts.fields[field].spawned, value === 0 ? 0 : 1);
        if (value !== 0) {
          symbols.coder.writeRaw(value - 1, row.choiceBits[column]);
        }
      }
    });
  });
  return false;
}

/** Writes one row's change. */
class RowWriter {
  #part;
  #baseline;
  #row;
  #symbols;
  #expected;
  #guess;

  /**
   * @param {PartLayout} part
   * @param {RowBaseline} baseline
   * @param {Uint32Array} row
   * @param {SymbolWriter} symbols
   */
  constructor(part, baseline, row, symbols) {
    this.#part = part;
    this.#baseline = baseline;
    this.#row = row;
    this.#symbols = symbols;
    this.#expected = new Expected(row.length);
    this.#guess = new Uint32Array(row.length);
  }

  /**
   * @param {number} before which of the rows before differed
   * @returns {number} 1 if this one does
   */
  write(before) {
    const { row: layout, contexts } = this.#part;
    this.#expected.set(layout, this.#baseline, this.#guess, 0);
    const differs = this.#differ(0, layout.width) ? 1 : 0;
    this.#symbols.flag(contexts.row(this.#expected.history, before), differs);
    if (differs === 0) {
      return 0;
    }
    let level = 0;
    let any = false;
    layout.fields.forEach(({ start, end, coding }, index) => {
      const fieldContexts = contexts.fields[index];
      const differs = this.#differ(start, end);
      if (any || index + 1 < layout.fields.length) {
        this.#symbols.flag(fieldContexts.differs(this.#expected.greatest(start, end), level), differs ? 1 : 0);
      }
      any ||= differs;
      if (!differs) {
        return;
      }
      if (coding === NUMBER) {
        level = this.#numbers(fieldContexts, start, end, 0, true);
      } else if (coding === ROTATION) {
        level = this.#rotation(fieldContexts, index, level);
      } else {
        this.#choices(fieldContexts, start, end);
      }
    });
    return 1;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #differ(start, end) {
    return this.#row.subarray(start, end).some((value, index) => value !== this.#guess[start + index]);
  }

  /**
   * @param {FieldContexts} contexts
   * @param {number} start
   * @param {number} end
   * @param {number} firstSet
   * @param {boolean} mustDiffer
   */
  #numbers(contexts, start, end, firstSet, mustDiffer) {
    const { max, wraps } = this.#part.row;
    const { classes, signs } = this.#expected;
    let [greatest, before, any] = [0, 0, !mustDiffer];
    for (let index = start; index < end; index++) {
      const unused = wraps[index] === 1 ? Math.clz32(max[index]) : 0;
      const by = ((this.#row[index] - this.#guess[index]) << unused) >> unused;
      const zero = contexts.number(index - start, firstSet + Math.max(classes[index], before));
      before = classOf(by);
      greatest = Math.max(greatest, before);
      if (any || index + 1 < end) {
        this.#symbols.flag(zero, by === 0 ? 1 : 0);
      }
      if (by !== 0) {
        any = true;
        this.#symbols.number(zero, contexts.shared(index - start), signs[index], by);
      }
    }
    return levelOf(greatest);
  }

  /**
   * @param {FieldContexts} contexts
   * @param {number} index
   * @param {number} level
   */
  #rotation(contexts, index, level) {
    const { row: layout } = this.#part;
    const field = layout.fields[index];
    const { start, end } = field;
    const largest = this.#row[start];
    const turned = largest !== this.#guess[start];
    this.#symbols.flag(contexts.columnDiffers, turned ? 1 : 0);
    if (turned) {
      this.#symbols.choice(contexts.choices, 2, (largest - this.#guess[start] + 3) % 4);
      rebase(layout, field, this.#baseline, largest, this.#guess, start);
    }
    return this.#numbers(contexts, start + 1, end, level * CLASSES, !turned);
  }

  /**
   * @param {FieldContexts} contexts
   * @param {number} start
   * @param {number} end
   */
  #choices(contexts, start, end) {
    const { max, choiceBits } = this.#part.row;
    for (let index = start; index < end; index++) {
      const values = max[index] + 1;
      const choice = (this.#row[index] - this.#guess[index] - 1 + values) % values;
      const differs = choice !== max[index];
      if (end - start > 1) {
        this.#symbols.flag(contexts.columnDiffers, differs ? 1 : 0);
      }
      if (differs) {
        this.#symbols.choice(contexts.choices, choiceBits[index], choice);
      }
    }
  }
}
