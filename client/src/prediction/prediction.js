/**
 * Prediction and reconciliation of one entity: it is simulated as soon as an input is set, and compared with each snapshot.
 *
 * Ticks have the same numbers on both sides: the state after the input of tick T is predicted when that input is sent, and a
 * round trip later the snapshot of tick T has the server's state. If they are equal but for quantization, the predicted state
 * stays, and with it what is not sent, such as a velocity: velocities of all entities would cost more bytes than any other field.
 * Otherwise the server's state replaces it, `restore` adds what is not sent, the inputs since then are applied again, and the
 * jump that this causes on the screen fades. The tick under way is shown with the input as it is now, so that a key shows on the
 * next animation frame though inputs are sent once a tick.
 */

/** @import { Entity } from "../base/game.js" */
/** @import { Field } from "../schema/kinds.js" */
/** @import { Measure } from "./measures.js" */
/** @import { PredictOptions, State } from "./rules.js" */
/** @import { PredictedField } from "./state.js" */

import { Rules } from "./rules.js";
import { copy, get, predictedFields, put } from "./state.js";

/** Time after which 5 % of a correction is left. */
const BLEND_MS = 100;
/** The exponent of that decay, for each millisecond. */
const BLEND_RATE = Math.log(20) / BLEND_MS;
/** Ticks that may be predicted beyond the newest snapshot. */
const MAX_AHEAD = 128;

/**
 * One predicted entity of a room. It reads no clock: its caller passes the time.
 *
 * @internal
 */
export class Prediction {
  /** The name of the entity's table. */
  table;
  #rules;
  #inputAt;
  #fields;
  #dt;
  /** The entity; undefined while there is none. */
  #id = /** @type {number | undefined} */ (undefined);
  /** The state after each of the last ticks, by the tick's number modulo their count. */
  #states = /** @type {({ tick: number, state: State } | undefined)[]} */ (new Array(MAX_AHEAD).fill(undefined));
  /** The newest tick simulated; -1 if there is none. */
  #newest = -1;
  /** The newest tick whose input has been sent. */
  #stepped = -1;
  #restarts = false;
  /** The entity as in the newest snapshot, for the rules: they read fields there that they do not predict. */
  #entity = /** @type {Readonly<Entity> | undefined} */ (undefined);
  /** The newest state from the server, and its tick. */
  #confirmed = /** @type {{ tick: number, state: State } | undefined} */ (undefined);
  /** The correction that is fading, field by field: it is added to the predicted state when shown. */
  #offset = /** @type {State} */ ({});
  /** The corrections since the last frame, which begin to fade with the next one. */
  #moved = /** @type {State} */ ({});
  #shownAt = 0;
  #error = 0;

  /**
   * @param {PredictOptions} options
   * @param {Field[]} fields of the table
   * @param {number} tickRateHz
   * @param {(tick: number) => Record<string, any> | undefined} inputAt the input that was sent for a tick
   */
  constructor(options, fields, tickRateHz, inputAt) {
    this.table = options.table;
    this.#rules = new Rules(options);
    this.#inputAt = inputAt;
    this.#fields = options.fields.flatMap((name) => predictedFields(options.table, fields, name));
    this.#dt = 1 / tickRateHz;
  }

  /** The entity's id; undefined while there is none. */
  get id() {
    return this.#id;
  }

  /** The error of the prediction for the newest snapshot's tick: the greatest of its fields, without angles. */
  get error() {
    return this.#error;
  }

  /**
   * Returns true if an entity of the table is the predicted one.
   *
   * @param {Entity} entity
   */
  isOf(entity) {
    return this.#rules.isOf(entity, entity.id === this.#id);
  }

  /** Starts over from the server's next state, which does not follow from the ones before. */
  restart() {
    this.#confirmed = undefined;
    this.#restarts = true;
  }

  /**
   * Simulates the ticks up to one whose input has just been sent.
   *
   * @param {number} tick
   */
  step(tick) {
    this.#stepped = tick;
    if (this.#id !== undefined) {
      this.#simulate(tick, true);
    }
  }

  /**
   * Compares the prediction with the server's state, and corrects it.
   *
   * @param {number} tick of the server's state
   * @param {Entity | undefined} entity the server's state; undefined if there is no such entity
   */
  reconcile(tick, entity) {
    if (entity === undefined) {
      this.#id = undefined;
      return;
    }
    const { id, ...server } = entity;
    // A copy, which is frozen: a rule that writes to it by mistake must not change what is predicted.
    this.#entity = Object.freeze(copy(entity));
    if (id === this.#id && tick === this.#confirmed?.tick) {
      // The entity's area was skipped: the snapshot has nothing new.
      return;
    }
    if (id !== this.#id || this.#restarts) {
      [this.#id, this.#confirmed, this.#newest, this.#restarts] = [id, undefined, -1, false];
    }
    const shown = this.#stateAt(this.#stepped);
    const predicted = this.#stateAt(tick);
    const wrong = predicted === undefined ? [] : this.#compare(predicted, server);
    this.#begin(tick, this.#reconciled(tick, server, wrong.length > 0 ? undefined : predicted));
    this.#confirmed = { tick, state: server };
    this.#simulate(this.#stepped, false);
    const right = this.#stateAt(this.#stepped);
    if (shown !== undefined && right !== undefined) {
      this.#blend(shown, right);
    } else {
      [this.#offset, this.#moved] = [{}, {}];
    }
    for (const { name, path } of wrong) {
      const values = { predicted: copy(get(predicted, path)), server: copy(get(server, path)) };
      this.#rules.corrected({ tick, entity: copy(entity), field: name, ...values, input: this.#inputAt(tick) });
    }
  }

  /**
   * The state to show.
   *
   * @param {number} inputTick the input clock, in ticks
   * @param {Record<string, any>} input as it is set now
   * @param {number} now in milliseconds
   * @returns {Entity | undefined} undefined while there is no entity, or its state is not known
   */
  at(inputTick, input, now) {
    const newest = this.#id === undefined ? undefined : this.#stateAt(this.#newest);
    if (newest === undefined) {
      return undefined;
    }
    // A part of the tick under way: its input is not sent yet, but its effect shows already.
    const part = Math.min(Math.max(inputTick - this.#newest, 0), 1);
    const state = part > 0 ? this.#applied(newest, input, part, this.#newest + 1, false) : copy(newest);
    this.#fade(now);
    for (const { name, path, measure } of this.#fields) {
      const value = get(state, path);
      put(state, path, value === undefined ? undefined : sum(measure, value, this.#offset[name]));
    }
    return { ...state, id: /** @type {number} */ (this.#id) };
  }

  /**
   * The state to go on from at a tick. If the prediction was right, it is the predicted state, with the server's values of all
   * fields that are not predicted; else the server's state, with `restore` applied.
   *
   * @param {number} tick
   * @param {State} server
   * @param {State | undefined} right the predicted state if it was right
   */
  #reconciled(tick, server, right) {
    const state = copy({ ...(this.#stateAt(tick) ?? this.#stateAt(this.#newest)), ...server });
    if (right !== undefined) {
      for (const { path } of this.#fields) {
        put(state, path, copy(get(right, path)));
      }
    } else {
      const before = this.#confirmed;
      return this.#rules.restored(state, before?.state, before === undefined ? 0 : (tick - before.tick) * this.#dt);
    }
    return state;
  }

  /**
   * The fields in which a prediction differs from the server's state by more than quantization does. It records the error.
   *
   * @param {State} predicted
   * @param {State} server
   */
  #compare(predicted, server) {
    /** @type {PredictedField[]} */
    const wrong = [];
    this.#error = 0;
    for (const field of this.#fields) {
      const { path, measure } = field;
      const [from, to] = [get(predicted, path), get(server, path)];
      if (from === undefined || to === undefined) {
        // An option is empty: nothing to compare, unless the other has a value.
        if (from !== to) {
          wrong.push(field);
        }
        continue;
      }
      const off = measure.size(measure.difference(from, to));
      if (off > measure.tolerance) {
        wrong.push(field);
      }
      this.#error = Math.max(this.#error, measure.turns ? 0 : off);
    }
    return wrong;
  }

  /**
   * Simulates the ticks after the newest one up to `tick`, as far as their inputs are known.
   *
   * @param {number} tick
   * @param {boolean} first
   */
  #simulate(tick, first) {
    for (let next = this.#newest + 1; next <= tick; next++) {
      const input = this.#inputAt(next);
      const before = this.#stateAt(next - 1);
      if (input === undefined || before === undefined) {
        return;
      }
      this.#begin(next, this.#applied(before, input, 1, next, first));
    }
  }

  /**
   * The state after a part of a tick.
   *
   * @param {State} before
   * @param {Record<string, any>} input
   * @param {number} part
   * @param {number} tick
   * @param {boolean} first
   */
  #applied(before, input, part, tick, first) {
    // There is a state to go on from only once a snapshot has had the entity.
    const entity = /** @type {Readonly<Entity>} */ (this.#entity);
    return this.#rules.applied(before, input, this.#dt * part, { tick, first, entity });
  }

  /**
   * Makes the state of a tick the newest one.
   *
   * @param {number} tick
   * @param {State} state
   */
  #begin(tick, state) {
    this.#states[tick % MAX_AHEAD] = { tick, state };
    this.#newest = tick;
  }

  /** @param {number} tick */
  #stateAt(tick) {
    const known = tick < 0 ? undefined : this.#states[tick % MAX_AHEAD];
    return known?.tick === tick && tick <= this.#newest ? known.state : undefined;
  }

  /**
   * Adds up what a correction moves.
   *
   * @param {State} shown the newest tick's state as it was predicted
   * @param {State} right the newest tick's state as it is predicted now
   */
  #blend(shown, right) {
    for (const { name, path, measure } of this.#fields) {
      const [from, to] = [get(right, path), get(shown, path)];
      if (from !== undefined && to !== undefined) {
        this.#moved[name] = sum(measure, this.#moved[name], measure.difference(from, to));
      }
    }
  }

  /**
   * Lets the fading correction fade on, and adds the corrections since the last frame to it.
   *
   * @param {number} now
   */
  #fade(now) {
    const left = Math.exp(-BLEND_RATE * Math.max(0, now - this.#shownAt));
    this.#shownAt = Math.max(now, this.#shownAt);
    for (const { name, measure } of this.#fields) {
      const faded = this.#offset[name] && measure.scale(this.#offset[name], left);
      const offset = sum(measure, faded, this.#moved[name]);
      this.#offset[name] = offset !== undefined && measure.size(offset) <= measure.leap ? offset : undefined;
    }
    this.#moved = {};
  }
}

/**
 * @param {Measure} measure
 * @param {any} first
 * @param {any} second either may be missing
 */
function sum(measure, first, second) {
  return first === undefined ? second : second === undefined ? first : measure.add(first, second);
}
