/** Samples of the last seconds, and their extremes. */

/** Keeps samples for a limited time. */
export class Samples {
  #keptMs;
  #values;
  #times;
  #sorted;
  /** The index of the oldest sample, and the number of samples. */
  #first = 0;
  #length = 0;

  /**
   * @param {number} keptMs time for which a sample counts
   * @param {number} capacity the greatest number of samples; the oldest is dropped for a new one
   */
  constructor(keptMs, capacity) {
    this.#keptMs = keptMs;
    this.#values = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  /** The number of samples. */
  get length() {
    return this.#length;
  }

  /**
   * Adds a sample, and drops those that are too old.
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

  /** Drops all samples. */
  clear() {
    this.#length = 0;
  }

  /** The least sample; infinite if there is none. */
  least() {
    let least = Infinity;
    for (let index = 0; index < this.#length; index++) {
      least = Math.min(least, this.#values[(this.#first + index) % this.#values.length]);
    }
    return least;
  }

  /**
   * The greatest sample except for outliers; minus infinity if there is none.
   *
   * @param {number} outliers the fraction of the samples above the result, 0 to 1; at least one, unless there are few samples
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

/** With at least so many samples one is always an outlier. */
const SOME = 8;
