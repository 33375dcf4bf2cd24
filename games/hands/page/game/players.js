/**
 * The players around the table.
 * @module
 */

/** @typedef {import("/kit/world/types.js").Id} Id */
/** @typedef {import("./world.js").Player} Player */
/** @typedef {import("./world.js").Seat} Seat */
/** @typedef {import("./world.js").World} World */

/**
 * @param {readonly Player[]} players
 * @param {number} id
 */
export function playerName(players, id) {
  return players.find((player) => player.id === id)?.name ?? "Somebody";
}

/**
 * Returns true for a player whose connection is lost, and whose seat is held.
 * @param {readonly Player[]} players
 * @param {number} id
 */
export function isAway(players, id) {
  return players.some((player) => player.id === id && !player.connected);
}

/**
 * The name of the player on a seat; undefined if they have left.
 * @param {World} world
 * @param {Id | null} id
 */
export function nameOnSeat({ seats, players }, id) {
  const seat = seats.find((seat) => seat.id === id);
  return seat && playerName(players, seat.player);
}

/**
 * The other players, in the order of their turns after the own one.
 * @param {readonly Seat[]} seats
 * @param {number} own
 */
export function othersAfter(seats, own) {
  const others = seats.filter(({ player }) => player !== own).sort((a, b) => a.player - b.player);
  const after = others.findIndex(({ player }) => player > own);
  return after < 0 ? others : [...others.slice(after), ...others.slice(0, after)];
}
