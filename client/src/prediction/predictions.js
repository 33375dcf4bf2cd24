/** The predicted entities of a room, between its inputs, its mirror and its view. */

/** @import { Entity } from "../base/game.js" */
/** @import { Inputs } from "../input/inputs.js" */
/** @import { Schema } from "../schema/schema.js" */
/** @import { EntityTable } from "../view/tables.js" */
/** @import { Shown } from "../view/view.js" */
/** @import { PredictOptions } from "./rules.js" */

import { Prediction } from "./prediction.js";

/** Feeds each {@link Prediction} with inputs and snapshots, and shows its entity in place of the interpolated one. */
export class Predictions {
  #schema;
  #tickRateHz;
  #inputs;
  /** @type {Prediction[]} */
  #predictions = [];

  /**
   * @param {Schema} schema
   * @param {number} tickRateHz
   * @param {Inputs} inputs
   */
  constructor(schema, tickRateHz, inputs) {
    this.#schema = schema;
    this.#tickRateHz = tickRateHz;
    this.#inputs = inputs;
    inputs.onTick = (tick) => this.#predictions.forEach((prediction) => prediction.step(tick));
  }

  /**
   * Predicts an entity from now on. Throws a TypeError if there is no such table or field, or if a rule is no function.
   *
   * @param {PredictOptions} options
   */
  add(options) {
    const tables = this.#schema.tables.filter(({ single }) => !single);
    const table = tables.find(({ name }) => name === options.table);
    if (table === undefined) {
      throw new TypeError(`there is no table ${options.table}, only ${tables.map(({ name }) => name).join(", ")}`);
    }
    const inputAt = (/** @type {number} */ tick) => this.#inputs.read(tick);
    const prediction = new Prediction(options, table.fields, this.#tickRateHz, inputAt);
    prediction.step(this.#inputs.newest.tick);
    this.#predictions.push(prediction);
  }

  /**
   * Reconciles all predictions with a snapshot.
   *
   * @param {number} tick
   * @param {Record<string, EntityTable>} tables
   */
  reconcile(tick, tables) {
    this.#predictions.forEach((prediction) => {
      const table = tables[prediction.table];
      const entity = find(prediction, table);
      prediction.reconcile(entity === undefined ? tick : table.tickOf(entity.id), entity);
    });
  }

  /** Starts all over from the next snapshot, which is of another timeline. */
  restart() {
    this.#predictions.forEach((prediction) => prediction.restart());
  }

  /** The largest error of the newest snapshot's predictions; see {@link Prediction.error}. */
  get error() {
    return Math.max(0, ...this.#predictions.map(({ error }) => error));
  }

  /**
   * Replaces the interpolated entities by the predicted ones.
   *
   * @param {Shown} shown
   * @param {number} now in milliseconds
   * @returns {Shown}
   */
  show(shown, now) {
    this.#predictions.forEach((prediction) => {
      const entity = prediction.at(this.#inputs.tickAt(now), this.#inputs.readNext(), now);
      // An entity that the newest snapshot does not have is removed at once, though the playhead has not reached its end.
      const isOther = (/** @type {Entity} */ other) => other.id !== entity?.id && !prediction.isOf(other);
      const others = shown.tables[prediction.table].filter(isOther);
      shown.tables[prediction.table] = entity === undefined ? others : [...others, entity];
    });
    return shown;
  }
}

/**
 * @param {Prediction} prediction
 * @param {EntityTable} table
 * @returns {Entity | undefined}
 */
function find(prediction, table) {
  const same = prediction.id === undefined ? undefined : table.get(prediction.id);
  if (same !== undefined && prediction.isOf(same)) {
    return same;
  }
  for (const entity of table) {
    if (prediction.isOf(entity)) {
      return entity;
    }
  }
  return undefined;
}
