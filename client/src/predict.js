/** Prediction as a function of its own, for pages that hand their rooms around. */

/** @import { GameTypes, TableName } from "./base/game.js" */
/** @import { PredictOptions } from "./prediction/rules.js" */
/** @import { Room } from "./room.js" */

/**
 * Predicts an entity of a room, usually the player's own. It is simulated as inputs are set, by the same rules as on the server,
 * corrected by each snapshot, and shown by `room.view()` in place of the interpolated one.
 *
 * @template {GameTypes} Game
 * @template {TableName<Game>} Table
 * @template {object} [Extra={}]
 * @param {Room<Game>} room
 * @param {PredictOptions<Game, Table, Extra>} options
 */
export function predict(room, options) {
  room.predict(options);
}
