/** The tables of a mirror as a game reads them. */

/** @import { Frame, TableFrame } from "./frame.js" */
/** @import { Mirror } from "./mirror.js" */
/** @import { Struct, TableStruct } from "./struct.js" */

/** @typedef {{ id: number } & Record<string, any>} Entity an entity's identity and its fields, named as on the server */

const SLOTS = 0x1_0000;

/**
 * An entity's identity as one number: which of its slot's successive entities it is, and the slot.
 *
 * @param {number} slot
 * @param {number} generation
 */
export function entityId(slot, generation) {
  return generation * SLOTS + slot;
}

/** The entities of one table in the newest snapshot. Each reading makes new objects: they stay as they were. */
export class EntityTable {
  #struct;
  #frame;

  /**
   * @param {Struct} struct
   * @param {() => TableFrame} frame the table in the newest frame
   */
  constructor(struct, frame) {
    this.#struct = struct;
    this.#frame = frame;
  }

  /** How many entities live. */
  get size() {
    return this.#frame().length;
  }

  /**
   * The entity, if it lives.
   *
   * @param {number} id
   * @returns {Entity | undefined}
   */
  get(id) {
    const frame = this.#frame();
    const index = frame.indexOf(id % SLOTS, Math.floor(id / SLOTS));
    return index < 0 ? undefined : readEntity(this.#struct, frame, index);
  }

  /**
   * All entities, by ascending slot.
   *
   * @returns {Generator<Entity, void>}
   */
  *[Symbol.iterator]() {
    const frame = this.#frame();
    for (let index = 0; index < frame.length; index++) {
      yield readEntity(this.#struct, frame, index);
    }
  }
}

/**
 * A property for each table, by its name: an {@link EntityTable}, or a single's object.
 *
 * @param {TableStruct[]} structs
 * @param {Mirror} mirror
 * @returns {Readonly<Record<string, any>>}
 */
export function mirrorTables(structs, mirror) {
  const tables = {};
  structs.forEach(({ name, single, struct }, index) => {
    const frame = () => mirror.current.tables[index];
    const table = new EntityTable(struct, frame);
    const get = single ? () => struct.read(frame().columns, 0, {}) : () => table;
    Object.defineProperty(tables, name, { enumerable: true, get });
  });
  return tables;
}

/**
 * The entities that have come and gone between two frames, table by table.
 *
 * @param {TableStruct[]} structs
 * @param {Frame} before
 * @param {Frame} after
 * @returns {{ spawned: [string, Entity][], despawned: [string, Entity][] }}
 */
export function population(structs, before, after) {
  /** @type {[string, Entity][]} */
  const spawned = [];
  /** @type {[string, Entity][]} */
  const despawned = [];
  structs.forEach(({ name, struct }, table) => {
    const [old, now] = [before.tables[table], after.tables[table]];
    for (const index of missing(now, old)) {
      spawned.push([name, readEntity(struct, now, index)]);
    }
    for (const index of missing(old, now)) {
      despawned.push([name, readEntity(struct, old, index)]);
    }
  });
  return { spawned, despawned };
}

/**
 * The indexes of the entities of one table that are not in another.
 *
 * @param {TableFrame} of
 * @param {TableFrame} other
 */
function* missing(of, other) {
  for (let index = 0, at = 0; index < of.length; index++) {
    while (at < other.length && other.slots[at] < of.slots[index]) {
      at++;
    }
    if (!other.isAt(at, of.slots[index], of.generations[index])) {
      yield index;
    }
  }
}

/**
 * @param {Struct} struct
 * @param {TableFrame} frame
 * @param {number} index
 * @returns {Entity}
 */
function readEntity(struct, frame, index) {
  const id = entityId(frame.slots[index], frame.generations[index]);
  return struct.read(frame.columns, index * frame.width, { id });
}
