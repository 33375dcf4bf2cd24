/** Measurements of the last seconds. */

/** Keeps samples for a while, and tells how they are spread. */
export class Samples {
  #keptMs;
  #values;
  #times;
  #sorted;
  /** Where the oldest is, and how many there are. */
  #first = 0;
  #length = 0;

  /**
   * @param {number} keptMs how long each counts
   * @param {number} capacity how many count at most; the oldest make room
   */
  constructor(keptMs, capacity) {
    this.#keptMs = keptMs;
    this.#values = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  /** How many there are. */
  get length() {
    return this.#length;
  }

  /**
   * Adds a sample. Those that are too old by now count no longer; one stays in any case.
   *
   * @param {number} value
   * @param {number} now in milliseconds; never goes back
   */
  add(value, now) {
    const capacity = this.#values.length;
    while (this.#length > 0 && (this.#length === capacity || now - this.#times[this.#first] > this.#keptMs)) {
      this.#first = (this.#first + 1) % capacity;
      this.#length--;
    }
    const at = (this.#first + this.#length++) % capacity;
    this.#values[at] = value;
    this.#times[at] = now;
  }

  /** Forgets all. */
  clear() {
    this.#length = 0;
  }

  /** The least; infinite if there is none. */
  least() {
    let least = Infinity;
    for (let index = 0; index < this.#length; index++) {
      least = Math.min(least, this.#values[(this.#first + index) % this.#values.length]);
    }
    return least;
  }

  /**
   * The greatest but for some outliers; infinitely small if there is none.
   *
   * @param {number} outliers the part of the samples that is greater, 0 to 1. Of some samples one may always be
   */
  greatest(outliers) {
    const length = this.#length;
    if (length === 0) {
      return -Infinity;
    }
    for (let index = 0; index < length; index++) {
      this.#sorted[index] = this.#values[(this.#first + index) % this.#values.length];
    }
    const sorted = this.#sorted.subarray(0, length).sort();
    const few = length < SOME;
    return sorted[length - 1 - (few ? 0 : Math.max(Math.floor(length * outliers), 1))];
  }
}

/** From so many samples on one may be an outlier. */
const SOME = 8;
