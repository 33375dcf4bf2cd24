/**
 * The colours of players' names.
 * @module
 */

const OWN = "#7ee2b8";
/** For six seats. */
const OTHERS = ["#ffc46b", "#ff9aa5", "#8fc7ff", "#d5a8ff", "#f6e27a", "#8ee8e0"];

/**
 * @param {number} player
 * @param {boolean} isOwn
 */
export function colourOf(player, isOwn) {
  return isOwn ? OWN : OTHERS[player % OTHERS.length];
}
