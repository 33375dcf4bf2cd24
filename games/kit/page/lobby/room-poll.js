/**
 * A list that is kept up to date while somebody looks at it.
 * @module
 */

const PERIOD_MS = 2000;
/** A server that does not answer is asked ever more rarely, down to this. */
const LONGEST_MS = 60_000;

/**
 * What the watch needs of a page: its `document`, and timers.
 * @typedef {object} Surroundings
 * @property {EventTarget & { readonly visibilityState: string }} document
 * @property {(action: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * What is told of the list.
 * @template List
 * @typedef {object} Told
 * @property {(list: List) => void} fetched
 * @property {(error: unknown) => void} failed
 */

/** @template List */
export class RoomWatch {
  #ask;
  #told;
  #page;
  #failures = 0;
  /** @type {any} */
  #timer;
  /** Ends the watch; null while there is none. */
  #watching = /** @type {AbortController | null} */ (null);
  /** Whether an answer is awaited. */
  #asking = false;

  /**
   * @param {(signal: AbortSignal) => Promise<List>} ask
   * @param {Told<List>} told
   * @param {Surroundings} page
   */
  constructor(ask, told, page) {
    this.#ask = ask;
    this.#told = told;
    this.#page = page;
  }

  start() {
    if (this.#watching) return;
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    this.#page.document.addEventListener("visibilitychange", () => this.#look(), { signal });
    this.#failures = 0;
    this.#look();
  }

  stop() {
    this.#page.clearTimeout(this.#timer);
    this.#watching?.abort();
    this.#watching = null;
    this.#asking = false;
  }

  /** Asks now, if somebody looks. */
  #look() {
    this.#page.clearTimeout(this.#timer);
    if (this.#watching && !this.#asking && this.#page.document.visibilityState === "visible") void this.#fetch(this.#watching);
  }

  /** @param {AbortController} watching */
  async #fetch({ signal }) {
    this.#asking = true;
    let bidSeconds = 0;
    try {
      const list = await this.#ask(signal);
      if (signal.aborted) return;
      this.#failures = 0;
      this.#told.fetched(list);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures++;
      bidSeconds = Number(/** @type {any} */ (error)?.retryAfter ?? 0);
      this.#told.failed(error);
    }
    this.#asking = false;
    const waitMs = Math.min(LONGEST_MS, PERIOD_MS * 2 ** this.#failures);
    this.#timer = this.#page.setTimeout(() => this.#look(), Math.max(waitMs, bidSeconds * 1000));
  }
}
