/**
 * Glows and streaks, painted once and then copied: painting gradients on each frame would be slow.
 * @module
 */

const GLOW_SIZE = 64;
const STREAK_LENGTH = 96;
const STREAK_WIDTH = 20;

/** @type {Map<string, HTMLCanvasElement>} */
const painted = new Map();

/**
 * Creates a canvas of a given size, and its context.
 * @param {number} width
 * @param {number} height
 */
export function blankCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw on a canvas");
  return { canvas, context };
}

/**
 * Draws a soft ball of light. Overlapping glows add up if the caller sets `globalCompositeOperation` to "lighter".
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function drawGlow(context, colour, x, y, radius) {
  context.drawImage(glow(colour), x - radius, y - radius, radius * 2, radius * 2);
}

/**
 * Draws a streak of light with its bright end at a point.
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} angle The direction of the bright end.
 * @param {number} length
 * @param {number} width
 */
export function drawStreak(context, colour, x, y, angle, length, width) {
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  context.drawImage(streak(colour), -length, -width / 2, length + width / 2, width);
  context.restore();
}

/** @param {string} colour */
function glow(colour) {
  return paintOnce(`glow ${colour}`, GLOW_SIZE, GLOW_SIZE, (context) => {
    const middle = GLOW_SIZE / 2;
    const light = context.createRadialGradient(middle, middle, 0, middle, middle, middle);
    light.addColorStop(0, colour);
    light.addColorStop(0.25, withAlpha(colour, 0.45));
    light.addColorStop(0.6, withAlpha(colour, 0.1));
    light.addColorStop(1, withAlpha(colour, 0));
    context.fillStyle = light;
    context.fillRect(0, 0, GLOW_SIZE, GLOW_SIZE);
  });
}

/** @param {string} colour */
function streak(colour) {
  return paintOnce(`streak ${colour}`, STREAK_LENGTH, STREAK_WIDTH, (context) => {
    const middle = STREAK_WIDTH / 2;
    const head = STREAK_LENGTH - middle;
    for (const [half, tint, alpha] of /** @type {const} */ ([
      [9, colour, 0.16],
      [5, colour, 0.5],
      [2.2, "hsl(0 0% 100%)", 1],
    ])) {
      const light = context.createLinearGradient(0, 0, head, 0);
      light.addColorStop(0, withAlpha(tint, 0));
      light.addColorStop(1, withAlpha(tint, alpha));
      context.fillStyle = light;
      context.beginPath();
      context.moveTo(0, middle);
      context.lineTo(head, middle - half);
      context.arc(head, middle, half, -Math.PI / 2, Math.PI / 2);
      context.closePath();
      context.fill();
    }
  });
}

/**
 * @param {string} key
 * @param {number} width
 * @param {number} height
 * @param {(context: CanvasRenderingContext2D) => void} paint
 */
function paintOnce(key, width, height, paint) {
  let canvas = painted.get(key);
  if (!canvas) {
    const blank = blankCanvas(width, height);
    paint(blank.context);
    canvas = blank.canvas;
    painted.set(key, canvas);
  }
  return canvas;
}

/**
 * @param {string} colour An `hsl(h s l)`.
 * @param {number} alpha
 */
export function withAlpha(colour, alpha) {
  return colour.replace(")", ` / ${alpha})`);
}
