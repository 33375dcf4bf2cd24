/**
 * Prediction and reconciliation: the own entity is simulated as soon as an input is given, and set right by each snapshot.
 *
 * The client and the server number ticks alike: the state after the input of tick T was predicted when that input was sent, and a
 * round trip later the snapshot of tick T says what came of it. If both agree to within what quantization loses, the predicted
 * state goes on, with all that the wire does not carry, such as a velocity. Else the server's is taken, and the inputs since
 * then are applied to it again; what that moves on the screen is blended away.
 */

/** @import { FieldKind } from "../schema/kinds.js" */
/** @import { Field } from "../schema/schema.js" */
/** @import { Entity } from "../view/tables.js" */

/** A state: its fields are numbers, strings and the like, or flat objects such as `{ x, y }`. */
/** @typedef {Record<string, any>} State */

/**
 * @typedef {object} Step
 * @property {number} tick the tick that is simulated
 * @property {boolean} first whether it is simulated for the first time: only then may an `apply` do more than change the state
 */

/**
 * How an entity is predicted.
 *
 * @typedef {object} PredictOptions
 * @property {string} table the table that it is in
 * @property {(entity: Entity) => boolean} entity whether an entity of that table is the one
 * @property {string[]} fields those that are predicted: numbers, vectors and angles. The others are as the server last said
 * @property {(state: State, input: Record<string, any>, dt: number, step: Step) => void} apply changes a state as the
 *   server does on a tick of `dt` seconds. The input is as the server reads it; of the world beside the own entity the state
 *   has nothing
 * @property {(state: State, before: State | undefined, seconds: number) => void} [restore] adds to a state what the wire
 *   does not carry, from the last state that the server told before it, so many seconds earlier; there is none for a new
 *   entity. It is asked for when the server does not agree
 */

/** Of what a correction moves, so much time leaves the 20th part. */
const BLEND_MS = 100;
/** The exponent for that. */
const BLEND_RATE = Math.log(20) / BLEND_MS;
/** What a correction moves by more than this share of a field's range is shown at once. */
const LEAP_SHARE = 1 / 8;
/** Ticks that are predicted beyond the newest snapshot, and remembered. */
const MAX_AHEAD = 128;
const TURN = 2 * Math.PI;

/** One predicted entity of a room. It reads no clock. */
export class Prediction {
  #options;
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
  /** The newest that the server told, and when. */
  #told = /** @type {{ tick: number, state: State } | undefined} */ (undefined);
  /** What is shown beside the predicted state, field by field, while it is blended away; and what the next picture adds to it. */
  #offset = /** @type {State} */ ({});
  #moved = /** @type {State} */ ({});
  #shownAt = 0;
  #error = 0;

  /**
   * @param {PredictOptions} options
   * @param {Field[]} fields the table's
   * @param {number} tickRateHz
   * @param {(tick: number) => Record<string, any> | undefined} inputAt the input that was sent for a tick
   */
  constructor(options, fields, tickRateHz, inputAt) {
    this.#options = options;
    this.#inputAt = inputAt;
    this.#fields = options.fields.map((name) => {
      const field = fields.find((field) => field.name === name);
      if (field === undefined) {
        throw new TypeError(`${options.table} has no field ${name}, only ${fields.map(({ name }) => name).join(", ")}`);
      }
      return { name, measure: measureOf(name, field.kind) };
    });
    this.#dt = 1 / tickRateHz;
  }

  /** The table that it is in. */
  get table() {
    return this.#options.table;
  }

  /** The entity's id; undefined while there is none. */
  get id() {
    return this.#id;
  }

  /** How far off the prediction of the newest snapshot's tick was, by the field that was farthest off; angles do not count. */
  get error() {
    return this.#error;
  }

  /**
   * Whether an entity of the table is the predicted one.
   *
   * @param {Entity} entity
   */
  isOf(entity) {
    return this.#options.entity(entity);
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
   * Takes the server's word on a tick. If it is known already, as when the entity's area has been passed over, it is no news.
   *
   * @param {number} tick of which the entity is known
   * @param {Entity | undefined} entity as it was then; undefined if it is not there
   */
  reconcile(tick, entity) {
    if (entity === undefined) {
      this.#id = undefined;
      return;
    }
    const { id, ...server } = entity;
    if (id === this.#id && tick === this.#told?.tick) {
      return;
    }
    if (id !== this.#id) {
      [this.#id, this.#told, this.#newest] = [id, undefined, -1];
    }
    const shown = this.#stateAt(this.#stepped);
    this.#begin(tick, this.#settle(tick, server));
    this.#told = { tick, state: server };
    this.#simulate(this.#stepped, false);
    const right = this.#stateAt(this.#stepped);
    if (shown !== undefined && right !== undefined) {
      this.#blend(shown, right);
    } else {
      [this.#offset, this.#moved] = [{}, {}];
    }
  }

  /**
   * The state to show.
   *
   * @param {number} inputTick the tick of the inputs, with its fraction
   * @param {Record<string, any>} input what is being put in just now
   * @param {number} now in milliseconds
   * @returns {Entity | undefined} undefined while there is no entity, or none whose state is known
   */
  at(inputTick, input, now) {
    const newest = this.#id === undefined ? undefined : this.#stateAt(this.#newest);
    if (newest === undefined) {
      return undefined;
    }
    const state = copy(newest);
    // The tick that is under way: its input is not sent yet, but what it does shows already.
    const part = Math.min(Math.max(inputTick - this.#newest, 0), 1);
    if (part > 0) {
      this.#options.apply(state, input, this.#dt * part, { tick: this.#newest + 1, first: false });
    }
    this.#fade(now);
    for (const { name, measure } of this.#fields) {
      state[name] = sum(measure, state[name], this.#offset[name]);
    }
    return { ...state, id: /** @type {number} */ (this.#id) };
  }

  /**
   * The state that is right for a tick: the predicted one if the server agrees, with the server's word on all that is not
   * predicted; else the server's, with what it does not say made up.
   *
   * @param {number} tick
   * @param {State} server
   */
  #settle(tick, server) {
    const predicted = this.#stateAt(tick);
    const agreed = predicted !== undefined && this.#compare(predicted, server);
    const state = copy({ ...(predicted ?? this.#stateAt(this.#newest)), ...server });
    if (agreed) {
      for (const { name } of this.#fields) {
        state[name] = copyValue(predicted[name]);
      }
    } else {
      const told = this.#told;
      this.#options.restore?.(state, told?.state, told === undefined ? 0 : (tick - told.tick) * this.#dt);
    }
    return state;
  }

  /**
   * Whether a prediction is what the server says.
   *
   * @param {State} predicted
   * @param {State} server
   */
  #compare(predicted, server) {
    let agreed = true;
    this.#error = 0;
    for (const { name, measure } of this.#fields) {
      const off = measure.size(measure.difference(predicted[name], server[name]));
      agreed &&= off <= measure.tolerance;
      this.#error = Math.max(this.#error, measure.turns ? 0 : off);
    }
    return agreed;
  }

  /**
   * Simulates the ticks from the newest to this one, as far as their inputs are known.
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
      const state = copy(before);
      this.#options.apply(state, input, this.#dt, { tick: next, first });
      this.#begin(next, state);
    }
  }

  /**
   * Goes on from a tick's state.
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
   * Takes note of what a correction moves.
   *
   * @param {State} shown what the newest tick was predicted to be
   * @param {State} right what it is predicted to be now
   */
  #blend(shown, right) {
    for (const { name, measure } of this.#fields) {
      this.#moved[name] = sum(measure, this.#moved[name], measure.difference(right[name], shown[name]));
    }
  }

  /**
   * Lets what is blended away fade, and what was corrected since the last picture begin to.
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

/**
 * How a kind of field is measured.
 *
 * @typedef {object} Measure
 * @property {(from: any, to: any) => any} difference the way from one value to another
 * @property {(value: any, difference: any) => any} add
 * @property {(difference: any, factor: number) => any} scale
 * @property {(difference: any) => number} size
 * @property {boolean} turns whether it is an angle
 * @property {number} tolerance what quantization may make of equal values
 * @property {number} leap what is too far to be blended
 */

/**
 * @param {string} name
 * @param {FieldKind} kind
 * @returns {Measure}
 */
function measureOf(name, kind) {
  switch (kind.type) {
    case "Float":
      return { ...NUMBERS, ...limits([kind.range]) };
    case "Vec2":
    case "Vec3":
      return { ...VECTORS, ...limits(kind.axes) };
    case "Angle":
      return { ...NUMBERS, difference: turn, turns: true, tolerance: TURN / 2 ** kind.bits, leap: TURN };
    default:
      throw new TypeError(`${name} cannot be predicted: it is no number, vector or angle, but ${kind.type}`);
  }
}

/** @param {{ min: number, max: number, step: number }[]} ranges */
function limits(ranges) {
  return {
    turns: false,
    tolerance: Math.hypot(...ranges.map(({ step }) => step)),
    leap: LEAP_SHARE * Math.max(...ranges.map(({ min, max }) => max - min)),
  };
}

const NUMBERS = {
  difference: (/** @type {number} */ from, /** @type {number} */ to) => to - from,
  add: (/** @type {number} */ value, /** @type {number} */ difference) => value + difference,
  scale: (/** @type {number} */ difference, /** @type {number} */ factor) => difference * factor,
  size: (/** @type {number} */ difference) => Math.abs(difference),
};

/** @typedef {Record<string, number>} Vector */

const VECTORS = {
  difference: (/** @type {Vector} */ from, /** @type {Vector} */ to) => each(to, (value, axis) => value - from[axis]),
  add: (/** @type {Vector} */ value, /** @type {Vector} */ difference) =>
    each(value, (value, axis) => value + difference[axis]),
  scale: (/** @type {Vector} */ difference, /** @type {number} */ factor) => each(difference, (value) => value * factor),
  size: (/** @type {Vector} */ difference) => Math.hypot(...Object.values(difference)),
};

/**
 * @param {Vector} vector
 * @param {(value: number, axis: string) => number} change
 * @returns {Vector}
 */
function each(vector, change) {
  return Object.fromEntries(Object.entries(vector).map(([axis, value]) => [axis, change(value, axis)]));
}

/**
 * The short way round from one angle to another.
 *
 * @param {number} from
 * @param {number} to
 */
function turn(from, to) {
  const way = (to - from) % TURN;
  return way > Math.PI ? way - TURN : way < -Math.PI ? way + TURN : way;
}

/**
 * @param {State} state
 * @returns {State}
 */
function copy(state) {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, copyValue(value)]));
}

/** @param {any} value */
function copyValue(value) {
  return typeof value === "object" && value !== null ? { ...value } : value;
}
