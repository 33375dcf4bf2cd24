/** A clock for tests. */

/** A clock whose time passes only by {@link pass}, {@link hold} and {@link sleep}. */
export class FakeClock {
  #now = 1000;
  /** @type {Map<number, { due: number, action: () => void }>} */
  #timers = new Map();
  #made = 0;

  now = () => this.#now;

  /**
   * @param {() => void} action
   * @param {number} ms
   */
  setTimeout = (action, ms) => {
    this.#timers.set(++this.#made, { due: this.#now + ms, action });
    return this.#made;
  };

  /** @param {number} timer */
  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** The number of timers that wait. */
  get waiting() {
    return this.#timers.size;
  }

  /**
   * Lets time pass; timers fire when they are due.
   *
   * @param {number} ms
   */
  pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due);
      if (next === undefined || next[1].due > end) {
        break;
      }
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].due);
      next[1].action();
    }
    this.#now = end;
  }

  /**
   * Lets time pass without timers, as in a hidden page.
   *
   * @param {number} ms
   */
  hold(ms) {
    this.#now += ms;
  }

  /**
   * Lets time pass; timers that are due fire only at its end, once.
   *
   * @param {number} ms
   */
  sleep(ms) {
    this.hold(ms);
    this.pass(0);
  }
}
