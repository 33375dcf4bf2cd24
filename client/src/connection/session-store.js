/** Sessions in a page's storage, so that the page finds its seat again after a reload, a crash or a way back to it. */

/** @import { Welcome } from "../messages/welcome.js" */

/** The address of a server, and a token that can be sent to it. */
const SERVER = /^wss?:/;
const TOKEN = /^[\w.~-]{1,512}$/;

/**
 * A storage, such as `sessionStorage` or `localStorage`.
 *
 * @typedef {Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">} SessionStorage
 */

/**
 * A session as it is stored.
 *
 * @typedef {object} StoredSession
 * @property {string} server the address that was joined
 * @property {string} url the address of the server that the room is on
 * @property {string} game
 * @property {string} room
 * @property {string} [code] the code that the room was joined by
 * @property {string} token
 */

/** The session of one game in a storage. A storage that is blocked or full holds none. */
export class SessionStore {
  #storage;
  #key;

  /**
   * @param {SessionStorage | string} storage, or the key to use in `sessionStorage`
   * @param {string} game
   */
  constructor(storage, game) {
    this.#storage = () => (typeof storage === "string" ? globalThis.sessionStorage : storage);
    this.#key = typeof storage === "string" ? storage : `drumline.session.${game}`;
  }

  /**
   * The stored session; undefined if there is none.
   *
   * @returns {StoredSession | undefined}
   */
  read() {
    try {
      const stored = JSON.parse(this.#storage().getItem(this.#key) ?? "null");
      const texts = [stored.server, stored.url, stored.game, stored.room, stored.token, stored.code ?? ""];
      const isSession = texts.every((text) => typeof text === "string") && SERVER.test(stored.url) && TOKEN.test(stored.token);
      return isSession && URL.canParse(stored.url) ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  /** @param {StoredSession} session */
  write(session) {
    try {
      this.#storage().setItem(this.#key, JSON.stringify(session));
    } catch {
      // The storage is blocked or full: the page cannot come back after a reload.
    }
  }

  /**
   * Removes the session, unless another page that shares the storage has put its own there.
   *
   * @param {string} token of the session
   */
  forget(token) {
    try {
      if (this.read()?.token === token) {
        this.#storage().removeItem(this.#key);
      }
    } catch {
      // As above.
    }
  }
}

/** A place in a {@link SessionStore} for the session of one room. */
export class SessionSlot {
  #store;
  #place;
  #token = "";

  /**
   * @param {SessionStore} store
   * @param {Pick<StoredSession, "server" | "url" | "code">} place
   */
  constructor(store, place) {
    this.#store = store;
    this.#place = place;
  }

  /**
   * Stores the session of a welcome, if it can be resumed.
   *
   * @param {Pick<Welcome, "game" | "room" | "session" | "resumeSeconds" | "reloadSeconds">} welcome
   */
  keep({ game, room, session, resumeSeconds, reloadSeconds }) {
    if (resumeSeconds > 0 || reloadSeconds > 0) {
      this.#token = session;
      this.#store.write({ ...this.#place, game, room, token: session });
    }
  }

  /** Removes it: there is no seat to come back to. */
  clear() {
    this.#store.forget(this.#token);
  }
}
