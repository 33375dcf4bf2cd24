/** The lives of entities as the view shows them: when each is first drawn, changes, and is not drawn any more. */

/** @import { Entity } from "../base/game.js" */

import { callHandler, checkFunction } from "../base/handlers.js";

/**
 * The handlers of a tracked table. They get objects from the tables of the view; each stays the same until the next `update`.
 *
 * @template {object} [Each=Entity] an entity
 * @typedef {object} TrackHandlers
 * @property {(entity: Each) => void} [add] an entity is shown, and was not in the last frame
 * @property {(entity: Each, previous: Each) => void} [update] an entity is shown in another state than in the last frame
 * @property {(entity: Each) => void} [remove] an entity is not shown any more; with its state in the last frame
 */

const NAMES = ["add", "update", "remove"];

/**
 * The tracked tables of a room.
 *
 * @internal
 */
export class Tracks {
  #names;
  /** @type {Track[]} */
  #tracks = [];
  /** @type {Record<string, any> | undefined} The tables in the last frame; undefined before the first. */
  #tables;
  /** True while handlers are called. */
  #running = false;

  /** @param {string[]} names of the tables */
  constructor(names) {
    this.#names = names;
  }

  /**
   * Tracks a table, and first adds what the last frame has shown. Throws a TypeError if there is no such table or handler.
   *
   * @param {string} table
   * @param {TrackHandlers<any>} handlers
   * @returns {() => void} stops it
   */
  add(table, handlers) {
    if (!this.#names.includes(table)) {
      throw new TypeError(`there is no table ${table}, only ${this.#names.join(", ")}`);
    }
    for (const [name, handler] of Object.entries(handlers)) {
      if (!NAMES.includes(name)) {
        throw new TypeError(`a table is tracked by ${NAMES.join(", ")}, not ${name}`);
      }
      if (handler !== undefined) {
        checkFunction(name, handler);
      }
    }
    const track = new Track(table, handlers);
    this.#run([track]);
    this.#tracks = [...this.#tracks, track];
    return () => {
      track.stop();
      this.#tracks = this.#tracks.filter((other) => other !== track);
    };
  }

  /**
   * Compares a frame with the last one, and calls the handlers.
   *
   * @param {Record<string, any>} tables as they are shown
   */
  show(tables) {
    // A handler may ask for the view: what that frame changes is left to the next one, so that no news overtakes another.
    if (!this.#running) {
      this.#tables = tables;
      this.#run(this.#tracks);
    }
  }

  /** @param {Track[]} tracks */
  #run(tracks) {
    const before = this.#running;
    this.#running = true;
    if (this.#tables !== undefined) {
      const tables = this.#tables;
      tracks.forEach((track) => track.show(tables));
    }
    this.#running = before;
  }
}

/** One tracked table. */
class Track {
  #table;
  #handlers;
  /** @type {Map<number, Entity>} The entities in the last frame, by id; a single has none. */
  #known = new Map();
  #stopped = false;

  /**
   * @param {string} table
   * @param {TrackHandlers} handlers
   */
  constructor(table, handlers) {
    this.#table = table;
    this.#handlers = handlers;
  }

  stop() {
    this.#stopped = true;
  }

  /** @param {Record<string, any>} tables */
  show(tables) {
    // A single is an entity without an id, which is always there.
    const entities = /** @type {Entity[]} */ ([tables[this.#table]].flat());
    const before = this.#known;
    const now = new Map(entities.map((entity) => [entity.id, entity]));
    this.#known = now;
    for (const [id, entity] of before) {
      if (!now.has(id)) {
        this.#call("remove", entity);
      }
    }
    for (const [id, entity] of now) {
      const previous = before.get(id);
      if (previous === undefined) {
        this.#call("add", entity);
      } else if (this.#handlers.update === undefined) {
        continue;
      } else if (isEqual(entity, previous)) {
        // The page keeps the object that it has been given.
        now.set(id, previous);
      } else {
        this.#call("update", entity, previous);
      }
    }
  }

  /**
   * @param {"add" | "update" | "remove"} name
   * @param {Entity[]} args
   */
  #call(name, ...args) {
    const handler = this.#handlers[name];
    if (handler !== undefined && !this.#stopped) {
      callHandler(`track("${this.#table}")`, handler, args, this.#handlers);
    }
  }
}

/**
 * Returns true if two values of a field, or two entities, are equal in all their parts.
 *
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
function isEqual(one, other) {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return Object.is(one, other);
  }
  const names = Object.keys(one);
  const isSame = (/** @type {string} */ name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]);
  return names.length === Object.keys(other).length && names.every(isSame);
}
