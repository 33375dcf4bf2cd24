/**
 * Polls the list of rooms while the page is visible.
 *
 * The server does not push the list: that would be another kind of connection to guard, to save a few KB every two seconds.
 * A hidden page does not poll, and after failures the page polls less and less often.
 * @module
 */

const PERIOD_MS = 2000;
/** After failures the period doubles, up to this. */
const MAX_PERIOD_MS = 60_000;

/**
 * The parts of `window` that polling needs; tests pass their own.
 * @typedef {object} Page
 * @property {EventTarget & { readonly visibilityState: string }} document
 * @property {(action: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * @template List
 * @typedef {object} Listener
 * @property {(list: List) => void} fetched
 * @property {(error: unknown) => void} failed
 */

/** @template List */
export class RoomPoll {
  #fetchList;
  #listener;
  #page;
  #failures = 0;
  /** @type {any} */
  #timer;
  /** Aborts polling; null while stopped. */
  #polling = /** @type {AbortController | null} */ (null);
  /** True while a request is in flight. */
  #fetching = false;

  /**
   * @param {(signal: AbortSignal) => Promise<List>} fetchList
   * @param {Listener<List>} listener
   * @param {Page} page
   */
  constructor(fetchList, listener, page) {
    this.#fetchList = fetchList;
    this.#listener = listener;
    this.#page = page;
  }

  start() {
    if (this.#polling) return;
    this.#polling = new AbortController();
    const { signal } = this.#polling;
    this.#page.document.addEventListener("visibilitychange", () => this.#pollIfVisible(), { signal });
    this.#failures = 0;
    this.#pollIfVisible();
  }

  stop() {
    this.#page.clearTimeout(this.#timer);
    this.#polling?.abort();
    this.#polling = null;
    this.#fetching = false;
  }

  #pollIfVisible() {
    this.#page.clearTimeout(this.#timer);
    if (this.#polling && !this.#fetching && this.#page.document.visibilityState === "visible") void this.#poll(this.#polling);
  }

  /** @param {AbortController} polling */
  async #poll({ signal }) {
    this.#fetching = true;
    let retryAfterSeconds = 0;
    try {
      const list = await this.#fetchList(signal);
      if (signal.aborted) return;
      this.#failures = 0;
      this.#listener.fetched(list);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures++;
      retryAfterSeconds = Number(/** @type {any} */ (error)?.retryAfter ?? 0);
      this.#listener.failed(error);
    }
    this.#fetching = false;
    const waitMs = Math.min(MAX_PERIOD_MS, PERIOD_MS * 2 ** this.#failures);
    this.#timer = this.#page.setTimeout(() => this.#pollIfVisible(), Math.max(waitMs, retryAfterSeconds * 1000));
  }
}
