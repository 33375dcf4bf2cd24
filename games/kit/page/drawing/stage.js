/**
 * The game's canvas, as large as the window, and its camera.
 * @module
 */

import { Camera } from "./camera.js";

/** @typedef {import("../world/types.js").Vec} Vec */

/** More device pixels per CSS pixel cost time and are hardly visible. */
const MAX_PIXEL_RATIO = 2;
const IDLE_UNITS_PER_SECOND = 60;
const RETICLE_COLOUR = "#7df3ff";

export class Stage {
  camera;
  context;
  #canvas;
  #worldSize;
  #pixelRatio = 1;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} worldSize
   */
  constructor(canvas, worldSize) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser cannot draw on a canvas");
    this.camera = new Camera(worldSize);
    this.context = context;
    this.#canvas = canvas;
    this.#worldSize = worldSize;
    this.#resize();
    window.addEventListener("resize", () => this.#resize());
  }

  /** Moves the camera to the centre of the world. */
  centre() {
    this.camera.jumpTo({ x: this.#worldSize / 2, y: this.#worldSize / 2 });
  }

  /**
   * Moves the camera slowly, as the background of the start screen.
   * @param {number} now In seconds.
   */
  wander(now) {
    const middle = this.#worldSize / 2;
    this.camera.jumpTo({ x: middle + now * IDLE_UNITS_PER_SECOND, y: middle + Math.sin(now / 9) * 60 });
  }

  /** Sets the screen transform: the context draws in CSS pixels. */
  useScreenTransform() {
    this.camera.screenTransform(this.context, this.#pixelRatio);
  }

  /** Sets the world transform: the context draws in world units. */
  useWorldTransform() {
    this.camera.worldTransform(this.context, this.#pixelRatio);
  }

  /**
   * Draws the mouse's reticle. Expects the screen transform.
   * @param {Vec} at
   */
  drawReticle({ x, y }) {
    const context = this.context;
    context.beginPath();
    context.arc(x, y, 9, 0, Math.PI * 2);
    for (const [dx, dy] of /** @type {const} */ ([[1, 0], [-1, 0], [0, 1], [0, -1]])) {
      context.moveTo(x + dx * 6, y + dy * 6);
      context.lineTo(x + dx * 14, y + dy * 14);
    }
    context.lineCap = "round";
    context.strokeStyle = "rgb(5 7 15 / 0.7)";
    context.lineWidth = 3.5;
    context.stroke();
    context.strokeStyle = RETICLE_COLOUR;
    context.lineWidth = 1.5;
    context.stroke();
  }

  #resize() {
    this.#pixelRatio = Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio || 1);
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * this.#pixelRatio);
    this.#canvas.height = Math.round(clientHeight * this.#pixelRatio);
    this.camera.resize(clientWidth, clientHeight);
  }
}
