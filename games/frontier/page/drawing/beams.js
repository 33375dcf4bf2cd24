/**
 * Mining beams from ships to the crystals that they mine.
 * @module
 */

import { drawGlow } from "/kit/drawing/sprites.js";
import { colourOfCrystal } from "./crystals.js";
import { MINE_REACH, nearest } from "../game/world.js";

/** @typedef {import("../game/world.js").Crystal} Crystal */
/** @typedef {import("../game/world.js").Ship} Ship */
/** @typedef {{ ship: Ship, crystal: Crystal }} Beam */

const PIECES = 5;
const NOSE = 18;

/**
 * The crystal that each ship mines. By the rules it is the nearest in reach, so the server need not send it.
 * @param {Ship[]} ships
 * @param {Crystal[]} crystals
 * @returns {Beam[]}
 */
export function beamsOf(ships, crystals) {
  return ships.flatMap((ship) => {
    const crystal = ship.mining ? nearest(crystals, ship.position, MINE_REACH) : undefined;
    return crystal ? [{ ship, crystal }] : [];
  });
}

/**
 * Expects the world transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Beam[]} beams
 * @param {number} now In seconds.
 */
export function drawBeams(context, beams, now) {
  context.save();
  context.globalCompositeOperation = "lighter";
  context.lineCap = "round";
  for (const { ship, crystal } of beams) drawBeam(context, ship, crystal, now);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ship} ship
 * @param {Crystal} crystal
 * @param {number} now
 */
function drawBeam(context, ship, crystal, now) {
  const colour = colourOfCrystal(crystal);
  const from = {
    x: ship.position.x + Math.cos(ship.heading) * NOSE,
    y: ship.position.y + Math.sin(ship.heading) * NOSE,
  };
  const to = crystal.position;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const flicker = 0.75 + 0.25 * Math.sin(now * 31 + ship.player);
  for (const [lineWidth, alpha, strokeStyle] of /** @type {const} */ ([
    [9, 0.14, colour],
    [3.4, 0.5, colour],
    [1.2, 0.95, "#ffffff"],
  ])) {
    context.globalAlpha = alpha * flicker;
    context.lineWidth = lineWidth;
    context.strokeStyle = strokeStyle;
    context.beginPath();
    context.moveTo(from.x, from.y);
    const sway = Math.sin(now * 9 + ship.player) * 0.08;
    context.quadraticCurveTo(from.x + dx / 2 - dy * sway, from.y + dy / 2 + dx * sway, to.x, to.y);
    context.stroke();
  }
  // Pieces that travel to the ship.
  for (let piece = 0; piece < PIECES; piece += 1) {
    const part = 1 - ((now * 1.4 + piece / PIECES) % 1);
    context.globalAlpha = 0.9;
    drawGlow(context, colour, from.x + dx * part, from.y + dy * part, 6);
  }
  context.globalAlpha = 0.8 * flicker;
  drawGlow(context, "hsl(0 0% 100%)", to.x, to.y, 20);
}
