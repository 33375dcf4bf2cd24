/** The players of a room. */

/** @import { PlayerList } from "./control.js" */

/**
 * A player of the room.
 *
 * @typedef {object} Player
 * @property {number} id the player's number, by which the game's structs refer to the player; no other player of the room has it
 * @property {string} name
 * @property {boolean} connected false while the player's connection is lost and the seat is held
 * @property {boolean} own true if it is this client's own player
 * @property {boolean} bot true if the game itself plays it
 */

/** Keeps the list of players up to date. */
export class Players {
  /** All players, by ascending id. A change makes another array and another object for each player who has changed. */
  list = /** @type {readonly Player[]} */ ([]);
  #own;

  /** @param {number | undefined} own this client's seat, if it has one */
  constructor(own) {
    this.#own = own;
  }

  /** @param {PlayerList} message */
  update({ complete, players }) {
    const byId = new Map(complete ? [] : this.list.map((player) => [player.id, player]));
    for (const { player: id, name, status, bot } of players) {
      if (status === "left") {
        byId.delete(id);
      } else {
        byId.set(id, Object.freeze({ id, name, connected: status === "connected", own: id === this.#own, bot }));
      }
    }
    this.list = Object.freeze([...byId.values()].sort((one, other) => one.id - other.id));
  }
}
