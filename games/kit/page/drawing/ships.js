/**
 * Draws ships with their shields, flames, names and health bars.
 * @module
 */

import { drawGlow } from "./sprites.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../world/types.js").Vec} Vec */
/** @typedef {import("./colours.js").Colours} Colours */
/** @typedef {{ player: number, position: Vec, heading: number, thrusting: boolean, shielded: boolean }} Ship */
/** @typedef {{ outline: Path2D, spine: Path2D, cockpit: Path2D }} Hull Its nose points along x. */

/** The ship's radius in the rules of both games. */
export const SHIP_RADIUS = 18;

/** @type {Hull} */
export const DART = {
  outline: new Path2D("M23 0 L6 5 L-2 8 L-9 17 L-17 15 L-12 6 L-14 0 L-12 -6 L-17 -15 L-9 -17 L-2 -8 L6 -5 Z"),
  spine: new Path2D("M6 5 L-12 6 M6 -5 L-12 -6"),
  cockpit: new Path2D("M12 0 L4 3.2 L-3 0 L4 -3.2 Z"),
};
const SHIELD_RADIUS = SHIP_RADIUS * 1.65;
const BAR_WIDTH = 40;

/**
 * Draws a ship. Expects the world transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Ship} ship
 * @param {Hull} hull
 * @param {Colours} colours
 * @param {boolean} own True fills the ship with its colour.
 * @param {number} hurt The strength of the hit flash, from 1 down to 0.
 * @param {number} now In seconds.
 */
export function drawShip(context, ship, hull, colours, own, hurt, now) {
  const { x, y } = ship.position;
  context.globalCompositeOperation = "lighter";
  context.globalAlpha = own ? 0.4 : 0.28;
  drawGlow(context, colours.main, x, y, SHIP_RADIUS * 2.9);
  context.globalAlpha = 1;

  context.save();
  context.translate(x, y);
  context.rotate(ship.heading);
  if (ship.thrusting) drawFlame(context, colours, ship.player, now);
  context.globalCompositeOperation = "source-over";
  context.fillStyle = own ? colours.main : colours.hull;
  context.fill(hull.outline);
  context.lineJoin = "round";
  context.lineWidth = 1.2;
  context.globalAlpha = 0.55;
  context.strokeStyle = own ? colours.dark : colours.main;
  context.stroke(hull.spine);
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeStyle = own ? "#f2feff" : colours.main;
  context.stroke(hull.outline);
  context.fillStyle = own ? colours.dark : colours.light;
  context.fill(hull.cockpit);
  if (hurt > 0) {
    context.globalAlpha = hurt;
    context.fillStyle = "#ffffff";
    context.fill(hull.outline);
    context.globalAlpha = 1;
  }
  context.restore();

  if (ship.shielded) drawShield(context, x, y, colours, now);
}

/**
 * Draws a name and, if `health` is known, a health bar above a ship. Expects the screen transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Vec} position The ship's position in the world.
 * @param {Colours} colours
 * @param {string} name
 * @param {number | undefined} health Up to 100.
 */
export function drawLabel(context, camera, position, colours, name, health) {
  const { x, y } = camera.toScreen(position);
  const bottom = y - SHIP_RADIUS * 1.75 * camera.scale;
  context.font = "600 12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = "rgb(5 7 15 / 0.75)";
  context.strokeText(name, x, bottom - 7);
  context.fillStyle = colours.light;
  context.fillText(name, x, bottom - 7);
  if (health === undefined) return;
  context.fillStyle = "rgb(5 7 15 / 0.75)";
  context.fillRect(x - BAR_WIDTH / 2 - 1, bottom - 2, BAR_WIDTH + 2, 5);
  context.fillStyle = health > 30 ? colours.main : "#ff4d5e";
  context.fillRect(x - BAR_WIDTH / 2, bottom - 1, (BAR_WIDTH * health) / 100, 3);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Colours} colours
 * @param {number} player
 * @param {number} now
 */
function drawFlame(context, colours, player, now) {
  // Two sine waves of unrelated frequencies flicker without a visible pattern, independently of the frame rate.
  const flicker = 0.75 + 0.17 * Math.sin(now * 47 + player) + 0.13 * Math.sin(now * 71 + player * 2);
  const length = 26 * flicker;
  drawGlow(context, "hsl(28 100% 60%)", -14 - length * 0.35, 0, 17 * flicker + 5);
  for (const [reach, half, colour] of /** @type {const} */ ([
    [1, 6, colours.main],
    [0.68, 4, "#ffb454"],
    [0.4, 2.4, "#fff6e0"],
  ])) {
    context.beginPath();
    context.moveTo(-12, -half);
    context.quadraticCurveTo(-14 - length * reach * 0.5, -half * 0.8, -13 - length * reach, 0);
    context.quadraticCurveTo(-14 - length * reach * 0.5, half * 0.8, -12, half);
    context.fillStyle = colour;
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Colours} colours
 * @param {number} now
 */
function drawShield(context, x, y, colours, now) {
  const pulse = 0.5 + 0.5 * Math.sin(now * 7);
  context.globalCompositeOperation = "lighter";
  context.strokeStyle = colours.light;
  context.fillStyle = colours.main;
  context.beginPath();
  context.arc(x, y, SHIELD_RADIUS + pulse, 0, Math.PI * 2);
  context.globalAlpha = 0.07 + 0.04 * pulse;
  context.fill();
  for (const [lineWidth, alpha] of /** @type {const} */ ([[7, 0.1], [1.6, 0.6]])) {
    context.lineWidth = lineWidth;
    context.globalAlpha = alpha + 0.12 * pulse;
    context.stroke();
  }
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
}
