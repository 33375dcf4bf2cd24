/**
 * Texts for the arena's events.
 * @module
 */

/** @import { RoomEvent } from "/client/drumline.js" */
/** @import { Arena } from "../../arena.d.ts" */

const EMOTES = { Wave: "waves", Cheer: "cheers", Sorry: "is sorry" };

/**
 * An event as a line of the feed.
 * @param {RoomEvent<Arena>} event
 */
export function describeEvent(event) {
  switch (event.type) {
    case "kill":
      return `${event.killer} destroyed ${event.victim}`;
    case "crash":
      return `${event.victim} hit a rock`;
    case "round":
      return event.winner ? `${event.winner.name} wins with ${event.winner.points} points` : "Nobody wins";
    default:
      return `${event.name} ${EMOTES[event.emote]}`;
  }
}
