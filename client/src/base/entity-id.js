/** Ids of entities. */

/** Slots of a table, of which each entity has one. */
const SLOTS = 0x1_0000;

/**
 * The id of an entity: its slot, and its generation in the digits above. A slot that is used again gives another id.
 *
 * @param {number} slot
 * @param {number} generation
 */
export function entityId(slot, generation) {
  return generation * SLOTS + slot;
}

/**
 * The slot of the entity with an id.
 *
 * @param {number} id
 */
export function slotOf(id) {
  return id % SLOTS;
}

/**
 * The generation of the entity with an id.
 *
 * @param {number} id
 */
export function generationOf(id) {
  return Math.floor(id / SLOTS);
}
