/**
 * Pins on visible markers, and arrows towards markers and stations off the screen.
 * @module
 */

import { MARKER_COLOURS, STATION_COLOUR } from "./palette.js";
import { distanceOf, nearest } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {import("/kit/world/types.js").Vec} Vec */
/** @typedef {import("../game/world.js").Marker} Marker */
/** @typedef {import("../game/world.js").Station} Station */

/** The distance of an arrow from the own ship, as a share of the screen's smaller side. */
const CIRCLE = 0.38;

/**
 * Expects the screen transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Vec} eye The own ship's position.
 * @param {Station[]} stations
 * @param {Marker[]} markers
 * @param {number} now In seconds.
 */
export function drawPointers(context, camera, eye, stations, markers, now) {
  const home = nearest(stations, eye);
  if (home && !camera.sees(home.position, 0)) point(context, camera, eye, home.position, home.name, STATION_COLOUR);
  for (const { position, kind } of markers) {
    if (camera.sees(position, 0)) drawPin(context, camera.toScreen(position), MARKER_COLOURS[kind], now);
    else point(context, camera, eye, position, kind.toLowerCase(), MARKER_COLOURS[kind]);
  }
}

/**
 * Draws an arrow near the own ship, with the target's name and distance.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Vec} eye
 * @param {Vec} target
 * @param {string} label
 * @param {string} colour
 */
function point(context, camera, eye, target, label, colour) {
  const angle = Math.atan2(target.y - eye.y, target.x - eye.x);
  const away = CIRCLE * Math.min(camera.width, camera.height);
  const from = camera.toScreen(eye);
  const [x, y] = [from.x + Math.cos(angle) * away, from.y + Math.sin(angle) * away];
  context.save();
  context.translate(x, y);
  context.globalAlpha = 0.85;
  context.fillStyle = colour;
  context.font = "600 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const text = `${label} ${(distanceOf(eye, target) / 1000).toFixed(1)}k`;
  // The label stands towards the ship, where it stays on the screen.
  context.fillText(text, -Math.cos(angle) * 34, -Math.sin(angle) * 18);
  context.rotate(angle);
  context.beginPath();
  context.moveTo(10, 0);
  context.lineTo(-5, 7);
  context.lineTo(-2, 0);
  context.lineTo(-5, -7);
  context.fill();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Vec} at In CSS pixels.
 * @param {string} colour
 * @param {number} now
 */
function drawPin(context, { x, y }, colour, now) {
  const beat = now % 1.2;
  context.save();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 2;
  context.globalAlpha = Math.max(0, 1 - beat);
  context.beginPath();
  context.ellipse(x, y, 8 + beat * 26, (8 + beat * 26) * 0.6, 0, 0, Math.PI * 2);
  context.stroke();
  context.globalAlpha = 1;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - 8, y - 20);
  context.arc(x, y - 23, 8.5, Math.PI - 0.35, 0.35);
  context.closePath();
  context.fill();
  context.fillStyle = "#05060d";
  context.beginPath();
  context.arc(x, y - 24, 3.4, 0, Math.PI * 2);
  context.fill();
  context.restore();
}
