/**
 * Draws stations: a hub, a turning ring, and the circle in which ships can dock.
 * @module
 */

import { drawGlow } from "/kit/drawing/sprites.js";
import { STATION_COLOUR } from "./palette.js";
import { DOCK_RADIUS } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {import("../game/world.js").Station} Station */

const RING_RADIUS = 78;
const HUB_RADIUS = 30;
const SPOKES = 6;
const LAMPS = 12;
const HULL = "#131a2b";
const WINDOW = "hsl(44 100% 74%)";

/**
 * Expects the world transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Station[]} stations
 * @param {number} now In seconds.
 */
export function drawStations(context, stations, now) {
  for (const { position } of stations) {
    context.save();
    context.translate(position.x, position.y);
    drawDock(context, now);
    context.save();
    context.rotate(now * 0.09);
    drawRing(context, now);
    context.restore();
    drawHub(context, now);
    context.restore();
  }
}

/**
 * Draws the stations' names. Expects the screen transform.
 * @param {CanvasRenderingContext2D} context
 * @param {Camera} camera
 * @param {Station[]} stations
 */
export function drawStationNames(context, camera, stations) {
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.lineWidth = 3;
  context.strokeStyle = "rgb(5 6 13 / 0.8)";
  context.fillStyle = STATION_COLOUR;
  for (const { position, name } of stations) {
    const { x, y } = camera.toScreen({ x: position.x, y: position.y + RING_RADIUS + 30 });
    context.strokeText(name, x, y);
    context.fillText(name, x, y);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} now
 */
function drawDock(context, now) {
  context.globalCompositeOperation = "lighter";
  context.globalAlpha = 0.16;
  drawGlow(context, "hsl(205 90% 66%)", 0, 0, DOCK_RADIUS * 1.35);
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
  context.setLineDash([10, 14]);
  context.lineDashOffset = -now * 8;
  context.strokeStyle = "hsl(205 90% 76% / 0.34)";
  context.lineWidth = 1.6;
  context.beginPath();
  context.arc(0, 0, DOCK_RADIUS, 0, Math.PI * 2);
  context.stroke();
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} now
 */
function drawRing(context, now) {
  context.lineCap = "butt";
  context.strokeStyle = "#2c3a5a";
  context.lineWidth = 6;
  for (let spoke = 0; spoke < SPOKES; spoke += 1) {
    const angle = (spoke / SPOKES) * Math.PI * 2;
    context.beginPath();
    context.moveTo(Math.cos(angle) * HUB_RADIUS, Math.sin(angle) * HUB_RADIUS);
    context.lineTo(Math.cos(angle) * RING_RADIUS, Math.sin(angle) * RING_RADIUS);
    context.stroke();
  }
  for (const [lineWidth, colour] of /** @type {const} */ ([[19, STATION_COLOUR], [16, HULL], [3, "#33446c"]])) {
    context.lineWidth = lineWidth;
    context.strokeStyle = colour;
    context.beginPath();
    context.arc(0, 0, RING_RADIUS, 0, Math.PI * 2);
    context.stroke();
  }
  for (let lamp = 0; lamp < LAMPS; lamp += 1) {
    const angle = ((lamp + 0.5) / LAMPS) * Math.PI * 2;
    const lit = (Math.floor(now * 3) + lamp) % 4 === 0;
    const [x, y] = [Math.cos(angle) * RING_RADIUS, Math.sin(angle) * RING_RADIUS];
    if (lit) drawGlow(context, WINDOW, x, y, 11);
    context.fillStyle = lit ? "#fff5d8" : "#5c5030";
    context.beginPath();
    context.arc(x, y, 2.3, 0, Math.PI * 2);
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} now
 */
function drawHub(context, now) {
  context.fillStyle = HULL;
  context.strokeStyle = STATION_COLOUR;
  context.lineWidth = 2;
  context.beginPath();
  for (let corner = 0; corner < 8; corner += 1) {
    const angle = ((corner + 0.5) / 8) * Math.PI * 2;
    context.lineTo(Math.cos(angle) * HUB_RADIUS, Math.sin(angle) * HUB_RADIUS);
  }
  context.closePath();
  context.fill();
  context.stroke();
  const pulse = 0.5 + 0.5 * Math.sin(now * 1.8);
  context.globalCompositeOperation = "lighter";
  context.globalAlpha = 0.55 + 0.35 * pulse;
  drawGlow(context, WINDOW, 0, 0, 24 + 6 * pulse);
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
  context.fillStyle = "#fff5d8";
  context.beginPath();
  context.arc(0, 0, 6, 0, Math.PI * 2);
  context.fill();
}
