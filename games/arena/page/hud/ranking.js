/**
 * The lines of the scoreboard: the best pilots and the own one.
 * @module
 */

import { coloursOf } from "../drawing/palette.js";

/** @typedef {import("/kit/hud/scoreboard.js").Line} Line */
/** @typedef {import("../game/world.js").Pilot} Pilot */

const SHOWN = 8;

/**
 * @param {Pilot[]} pilots
 * @param {number} own The own player number.
 * @returns {Line[]}
 */
export function ranking(pilots, own) {
  const sorted = [...pilots].sort((a, b) => b.score - a.score || a.player - b.player);
  const lines = sorted.map((pilot, index) => lineOf(pilot, index + 1, pilot.player === own));
  const shown = lines.slice(0, SHOWN);
  const mine = lines.find((line) => line.own);
  // The own line is always shown, if necessary in place of the last one.
  if (mine && mine.rank > SHOWN) shown[SHOWN - 1] = mine;
  return shown;
}

/**
 * @param {Pilot} pilot
 * @param {number} rank
 * @param {boolean} own
 * @returns {Line}
 */
function lineOf({ player, name, score, kills, deaths }, rank, own) {
  const title = `${kills} kills, ${deaths} deaths`;
  return { rank, name, points: score, colour: coloursOf(player, own).main, own, title };
}
