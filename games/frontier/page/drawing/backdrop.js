/**
 * The frontier's background: nebulae at fixed places of the map, stars, and dust that makes speed visible.
 * @module
 */

import { seededRandom } from "/kit/drawing/random.js";
import { blankCanvas, drawGlow } from "/kit/drawing/sprites.js";
import { FAR_LAYERS, Stars } from "/kit/drawing/stars.js";
import { MAP_SIZE } from "../game/world.js";

/** @typedef {import("/kit/drawing/camera.js").Camera} Camera */
/** @typedef {{ x: number, y: number, size: number, angle: number, picture: HTMLCanvasElement }} Nebula */

const SPACE = "#05060d";
/** The nearest layer: it moves almost as fast as the world. */
const DUST = { depth: 0.85, tile: 470, count: 16, radius: 0.95, brightness: 0.55 };
const NEBULAE = 70;
/** CSS pixels per canvas pixel for soft shapes. */
const SOFTNESS = 6;
const NEBULA_PIXELS = 192;
const NEBULA_DEPTH = 0.28;
const NEBULA_BRIGHTNESS = 0.42;
/** The hues of each nebula's main cloud and of the veil over it. */
const TINTS = /** @type {const} */ ([[262, 318], [205, 178], [338, 24], [228, 282], [172, 208]]);
/** A sun far behind the middle of the map. */
const SUN = { colour: "hsl(34 90% 70%)", size: 520, brightness: 0.22 };

export class Backdrop {
  #stars = new Stars([...FAR_LAYERS, DUST]);
  #nebulae = scatter();
  #soft = blankCanvas(1, 1);

  /**
   * Expects the screen transform.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   */
  draw(context, camera) {
    this.#paintSoft(camera);
    context.drawImage(this.#soft.canvas, 0, 0, camera.width, camera.height);
    this.#stars.draw(context, camera);
  }

  /**
   * Paints soft shapes on a canvas with few pixels: at full size, overlapping large pictures would take most of a frame.
   * @param {Camera} camera
   */
  #paintSoft(camera) {
    const { canvas, context } = this.#soft;
    const [width, height] = [Math.ceil(camera.width / SOFTNESS), Math.ceil(camera.height / SOFTNESS)];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.setTransform(width / camera.width, 0, 0, height / camera.height, 0, 0);
    context.globalCompositeOperation = "source-over";
    context.globalAlpha = 1;
    context.fillStyle = SPACE;
    context.fillRect(0, 0, camera.width, camera.height);

    context.globalCompositeOperation = "lighter";
    context.globalAlpha = NEBULA_BRIGHTNESS;
    for (const { x, y, size, angle, picture } of this.#nebulae) {
      const at = farAway(camera, x, y);
      const reach = size * camera.scale;
      if (Math.abs(at.x - camera.width / 2) > camera.width / 2 + reach) continue;
      if (Math.abs(at.y - camera.height / 2) > camera.height / 2 + reach) continue;
      context.save();
      context.translate(at.x, at.y);
      context.rotate(angle);
      context.drawImage(picture, -reach, -reach, reach * 2, reach * 2);
      context.restore();
    }
    const sun = farAway(camera, MAP_SIZE / 2, MAP_SIZE / 2);
    context.globalAlpha = SUN.brightness;
    drawGlow(context, SUN.colour, sun.x, sun.y, SUN.size * camera.scale);
  }
}

/**
 * The screen position of something far behind a point of the map.
 * @param {Camera} camera
 * @param {number} x
 * @param {number} y
 */
function farAway(camera, x, y) {
  const scale = NEBULA_DEPTH * camera.scale;
  return { x: camera.width / 2 + (x - camera.x) * scale, y: camera.height / 2 + (y - camera.y) * scale };
}

/** @returns {Nebula[]} */
function scatter() {
  const random = seededRandom("nebulae");
  const pictures = TINTS.flatMap((tint) => [paint(tint, random), paint(tint, random)]);
  return Array.from({ length: NEBULAE }, () => ({
    x: random() * MAP_SIZE,
    y: random() * MAP_SIZE,
    size: 260 + random() * 380,
    angle: random() * Math.PI * 2,
    picture: pictures[Math.floor(random() * pictures.length)],
  }));
}

/**
 * Paints a cloud of many puffs along a bent line, so that it has a shape but no edge.
 * @param {readonly [number, number]} hues
 * @param {() => number} random
 */
function paint([cloud, veil], random) {
  const { canvas, context } = blankCanvas(NEBULA_PIXELS, NEBULA_PIXELS);
  const middle = NEBULA_PIXELS / 2;
  const bend = (random() - 0.5) * 1.2;
  context.globalCompositeOperation = "lighter";
  for (let puff = 0; puff < 90; puff += 1) {
    const along = (random() + random() + random()) / 1.5 - 1;
    const across = (random() + random() - 1) * 0.34 * (1 - along * along);
    const x = middle + along * middle * 0.72;
    const y = middle + (across + bend * (along * along - 0.3)) * middle * 0.7;
    // Small puffs give detail, wide ones haze. None crosses the canvas's edge.
    const room = Math.min(x, y, NEBULA_PIXELS - x, NEBULA_PIXELS - y);
    const radius = Math.max(1, Math.min(room, (0.06 + 0.3 * random() ** 2) * NEBULA_PIXELS));
    const hue = random() < 0.65 ? cloud : veil;
    const light = context.createRadialGradient(x, y, 0, x, y, radius);
    light.addColorStop(0, `hsl(${hue} 78% 52% / 0.034)`);
    light.addColorStop(0.5, `hsl(${hue} 78% 46% / 0.012)`);
    light.addColorStop(1, `hsl(${hue} 78% 40% / 0)`);
    context.fillStyle = light;
    context.fillRect(0, 0, NEBULA_PIXELS, NEBULA_PIXELS);
  }
  // Browsers dither faint gradients. The blur removes the grain, which would show when the picture is enlarged.
  const smooth = blankCanvas(NEBULA_PIXELS, NEBULA_PIXELS);
  smooth.context.filter = "blur(4px)";
  smooth.context.drawImage(canvas, 0, 0);
  return smooth.canvas;
}
