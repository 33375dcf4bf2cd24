/** The page's functions of a prediction. None of them stops it by an error. */

/** @import { AnyFields, Entity, EntityOf, GameTypes, InputOf, RowOf, TableName } from "../base/game.js" */

import { THREW, callHandler, checkFunction } from "../base/handlers.js";
import { copy } from "./state.js";

/**
 * The fields of an entity, as in its table. `restore` and `apply` may add others: beside them, not inside their values.
 *
 * @typedef {AnyFields} State
 */

/**
 * The name of a predicted field, or the path to a value inside one, such as `hull.position` or `wheels.0.angle`.
 *
 * @template {string} Name
 * @typedef {Name | `${Name}.${string}`} FieldPath
 */

/**
 * @template {GameTypes} [Game=any]
 * @template {TableName<Game>} [Table=TableName<Game>]
 * @typedef {object} Step
 * @property {number} tick the tick that is simulated
 * @property {boolean} first true if it is simulated for the first time: only then may `apply` have side effects, such as a sound
 * @property {Readonly<EntityOf<Game, Table>>} entity as the newest snapshot has it, with the fields that are not predicted. It is
 *   the same for each tick that is simulated until the next snapshot
 */

/**
 * The value of a predicted field; undefined if it is in an option that is empty.
 *
 * @typedef {number | { x: number, y: number, z?: number } | undefined} PredictedValue
 */

/**
 * A field that was predicted wrongly.
 *
 * @template {GameTypes} [Game=any]
 * @template {TableName<Game>} [Table=TableName<Game>]
 * @typedef {object} Correction
 * @property {number} tick of the snapshot
 * @property {EntityOf<Game, Table>} entity as the snapshot has it
 * @property {FieldPath<Extract<keyof RowOf<Game, Table>, string>>} field a float, vector or angle, such as `hull.position`
 * @property {PredictedValue} predicted for that tick
 * @property {PredictedValue} server the value in the snapshot
 * @property {InputOf<Game> | undefined} input that the client used for that tick. If the server has used another one, because it
 *   came too late, the rules may be the same on both sides
 */

/**
 * How an entity is predicted. A function that throws is reported as an unhandled error, and the prediction goes on: for a tick
 * whose `apply` has thrown the entity stays as it is.
 *
 * `Extra` is the type of what is not sent, such as `{ velocity: { x: number, y: number } }`.
 *
 * @template {GameTypes} [Game=any]
 * @template {TableName<Game>} [Table=TableName<Game>]
 * @template {object} [Extra={}]
 * @typedef {object} PredictOptions
 * @property {Table} table the name of its table
 * @property {(entity: EntityOf<Game, Table>) => boolean} entity returns true for the entity to predict
 * @property {FieldPath<Extract<keyof RowOf<Game, Table>, string>>[]} fields the predicted fields: floats, vectors and angles,
 *   and structs, arrays and options with such values inside, all of which are predicted then. All else keeps the server's last
 *   value, such as what is in a list or a variant
 * @property {(state: RowOf<Game, Table> & Extra, input: InputOf<Game>, dt: number, step: Step<Game, Table>) => void} apply
 *   changes the state as the server does on a tick of `dt` seconds. It gets the input as the server reads it (a press as the
 *   number of presses since the input before), and nothing of the world but the entity
 * @property {(state: RowOf<Game, Table> & Extra, before: RowOf<Game, Table> | undefined, seconds: number) => void} [restore]
 *   adds what is not sent to a state from the server. `before` is the server's state `seconds` earlier; undefined for a new
 *   entity. It is called when the prediction was wrong
 * @property {(correction: Correction<Game, Table>) => void} [onCorrection] is called after a snapshot in which a field differs
 *   from its prediction for that tick by more than the step to which the field is rounded; once for each such field
 */

/**
 * Calls the functions of {@link PredictOptions}.
 *
 * @internal
 */
export class Rules {
  #options;

  /** @param {PredictOptions} options */
  constructor(options) {
    checkFunction("entity", options.entity);
    checkFunction("apply", options.apply);
    if (options.onCorrection !== undefined) {
      checkFunction("onCorrection", options.onCorrection);
    }
    this.#options = options;
  }

  /**
   * Returns true if an entity of the table is the predicted one.
   *
   * @param {Entity} entity
   * @param {boolean} otherwise the result if the rule throws
   */
  isOf(entity, otherwise) {
    const is = this.#call(this.#options.entity, entity);
    return is === THREW ? otherwise : Boolean(is);
  }

  /**
   * The state after a tick or a part of one. If the rule throws, nothing of it has an effect.
   *
   * @param {State} before
   * @param {Record<string, any>} input
   * @param {number} dt
   * @param {Step} step
   */
  applied(before, input, dt, step) {
    const state = copy(before);
    return this.#call(this.#options.apply, state, input, dt, step) === THREW ? copy(before) : state;
  }

  /**
   * A state from the server, with what is not sent.
   *
   * @param {State} server
   * @param {State | undefined} before
   * @param {number} seconds
   */
  restored(server, before, seconds) {
    const { restore } = this.#options;
    if (restore === undefined) {
      return server;
    }
    const state = copy(server);
    return this.#call(restore, state, before, seconds) === THREW ? server : state;
  }

  /**
   * Reports a field that was predicted wrongly.
   *
   * @param {Correction} correction
   */
  corrected(correction) {
    const { onCorrection } = this.#options;
    if (onCorrection !== undefined) {
      this.#call(onCorrection, correction);
    }
  }

  /**
   * @param {Function} rule
   * @param {any[]} args
   */
  #call(rule, ...args) {
    return callHandler(`predict("${this.#options.table}")`, rule, args, this.#options);
  }
}
