/**
 * The players whose connection is lost, while their seats are held.
 * @module
 */

export class Away {
  /** @type {ReadonlySet<number>} */
  #players = new Set();

  /** @param {import("/client/drumline.js").Room} room */
  constructor(room) {
    const note = () => (this.#players = new Set(room.players.filter(({ connected }) => !connected).map(({ id }) => id)));
    note();
    room.on("players", note);
  }

  /** @param {number} player */
  has(player) {
    return this.#players.has(player);
  }
}
