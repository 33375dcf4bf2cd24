/** The tables of a mirror, as a game reads them. */

/** @import { AnyFields, Entity, EntityOf, GameTypes, TableName } from "../base/game.js" */
/** @import { Frame, PartFrame } from "../codec/frame.js" */
/** @import { Mirror } from "../mirror/mirror.js" */
/** @import { TableStruct } from "./struct.js" */

import { entityId, generationOf, slotOf } from "../base/entity-id.js";
import { FrameReferences } from "./references.js";

/**
 * The world at the newest snapshot: for each table an {@link EntityTable}, for each single its object.
 *
 * @template {GameTypes} [Game=any]
 * @typedef {string extends keyof Game["tables"] ? Readonly<AnyFields>
 *   : { readonly [Table in TableName<Game>]: EntityTable<EntityOf<Game, Table>> } & Readonly<Game["singles"]>} RoomTables
 */

/**
 * The entities of one table in the newest snapshot. Every read returns a new object, which does not change later.
 *
 * @template {object} [Each=Entity] an entity
 */
export class EntityTable {
  #table;
  #mirror;
  #references;

  /**
   * @internal
   * @param {TableStruct} table
   * @param {Mirror} mirror
   * @param {FrameReferences} references
   */
  constructor(table, mirror, references) {
    this.#table = table;
    this.#mirror = mirror;
    this.#references = references;
  }

  /** The number of entities in view. */
  get size() {
    return this.#base().length;
  }

  /**
   * The entity, if it is in view.
   *
   * @param {number} id
   * @returns {Each | undefined}
   */
  get(id) {
    const index = this.#base().indexOf(slotOf(id), generationOf(id));
    return index < 0 ? undefined : this.#read(index);
  }

  /**
   * The tick of an entity's newest state. It is earlier than the snapshot's if the entity's area was skipped. The entity must be
   * in view.
   *
   * @param {number} id
   */
  tickOf(id) {
    const base = this.#base();
    return base.ticks[base.indexOf(slotOf(id), generationOf(id))];
  }

  /**
   * All entities, by ascending slot.
   *
   * @returns {Generator<Each, void>}
   */
  *[Symbol.iterator]() {
    const base = this.#base();
    for (let index = 0; index < base.length; index++) {
      yield this.#read(index);
    }
  }

  /**
   * Calls a function with each entity, by ascending slot.
   *
   * @param {(entity: Each) => void} call
   */
  forEach(call) {
    for (const entity of this) {
      call(entity);
    }
  }

  /** @param {number} index */
  #read(index) {
    return /** @type {Each} */ (readEntity(this.#table, this.#mirror.current, index, this.#references));
  }

  #base() {
    return this.#mirror.current.parts[this.#table.base.index];
  }
}

/**
 * An object with a property for each table, by its name: an {@link EntityTable}, or the object of a single.
 *
 * @internal
 * @param {TableStruct[]} structs
 * @param {Mirror} mirror
 * @returns {Readonly<Record<string, any>>}
 */
export function mirrorTables(structs, mirror) {
  const tables = {};
  const references = new FrameReferences(structs);
  for (const struct of structs) {
    const { name, single, base } = struct;
    const table = new EntityTable(struct, mirror, references);
    const read = () =>
      base.struct.read(mirror.current.parts[base.index].columns, 0, {}, references.of(mirror.current));
    const get = single ? read : () => table;
    Object.defineProperty(tables, name, { enumerable: true, get });
  }
  return tables;
}

/**
 * The entities that came into view and that left it between two frames, table by table.
 *
 * @internal
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
  const references = new FrameReferences(structs);
  for (const table of structs) {
    const [old, now] = [before.parts[table.base.index], after.parts[table.base.index]];
    for (const index of missing(now, old)) {
      spawned.push([table.name, readEntity(table, after, index, references)]);
    }
    for (const index of missing(old, now)) {
      despawned.push([table.name, readEntity(table, before, index, references)]);
    }
  }
  return { spawned, despawned };
}

/**
 * The indexes of the entities of one frame that another does not have.
 *
 * @param {PartFrame} of
 * @param {PartFrame} other
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
 * Reads an entity, with the fields of all parts that the client receives.
 *
 * @param {TableStruct} table
 * @param {Frame} frame
 * @param {number} index of its row in the base part
 * @param {FrameReferences} references
 * @returns {Entity}
 */
function readEntity({ base, others }, frame, index, references) {
  references.of(frame);
  const rows = frame.parts[base.index];
  const [slot, generation] = [rows.slots[index], rows.generations[index]];
  const entity = base.struct.read(rows.columns, index * rows.width, { id: entityId(slot, generation) }, references);
  for (const other of others) {
    const more = frame.parts[other.index];
    const at = more.indexOf(slot, generation);
    if (at >= 0) {
      other.struct.read(more.columns, at * more.width, entity, references);
    }
  }
  return entity;
}
