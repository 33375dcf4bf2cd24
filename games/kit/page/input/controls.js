/**
 * Keyboard, mouse and touch, and the input that they make.
 * @module
 */

import { Stick } from "./stick.js";

/** @typedef {import("../drawing/camera.js").Vec} Vec */
/**
 * What is done while a key is held, by the key's place; the names are the input's fields. `fire` is the mouse's, too.
 * @typedef {Readonly<Record<string, string>>} Actions
 */
/** @typedef {{ thrust: Vec, aim: number } & Record<string, any>} Input */

/** By place on the keyboard and not by letter, so that it works on any layout. */
const THRUST_KEYS = new Map([
  ["KeyW", { x: 0, y: -1 }],
  ["ArrowUp", { x: 0, y: -1 }],
  ["KeyS", { x: 0, y: 1 }],
  ["ArrowDown", { x: 0, y: 1 }],
  ["KeyA", { x: -1, y: 0 }],
  ["ArrowLeft", { x: -1, y: 0 }],
  ["KeyD", { x: 1, y: 0 }],
  ["ArrowRight", { x: 1, y: 0 }],
]);

export class Controls {
  thrustStick = new Stick();
  aimStick = new Stick();
  /**
   * Where the mouse is, in CSS pixels; null before it moved and while touch is used.
   * @type {Vec | null}
   */
  mouse = null;
  #mouseFires = false;
  #aim = 0;
  /** @type {Set<string>} */
  #keys = new Set();
  #listening = new AbortController();
  #actions;
  #onRelease;

  /**
   * @param {HTMLElement} surface Where the pointer counts.
   * @param {Actions} actions
   * @param {(neutral: Input) => void} onRelease Called when everything is let go of at once: a hidden page draws no frame
   *   that would ask.
   */
  constructor(surface, actions, onRelease) {
    this.#actions = actions;
    this.#onRelease = onRelease;
    const options = { signal: this.#listening.signal };
    window.addEventListener("keydown", (event) => this.#press(event), options);
    // Who begins to type lets go of the ship.
    window.addEventListener("focusin", ({ target }) => isField(target) && this.#releaseAll(), options);
    window.addEventListener("keyup", (event) => this.#keys.delete(event.code), options);
    surface.addEventListener("pointerdown", (event) => this.#pointerDown(surface, event), options);
    surface.addEventListener("pointermove", (event) => this.#pointerMove(event), options);
    surface.addEventListener("pointerup", (event) => this.#pointerUp(event), options);
    surface.addEventListener("pointercancel", (event) => this.#pointerUp(event), options);
    surface.addEventListener("contextmenu", (event) => event.preventDefault(), options);
    // Buttons that hold a key down, for who has none.
    for (const button of document.querySelectorAll("[data-key]")) {
      const key = button.getAttribute("data-key") ?? "";
      button.addEventListener("pointerdown", () => this.#keys.add(key), options);
      button.addEventListener("pointerup", () => this.#keys.delete(key), options);
      button.addEventListener("pointercancel", () => this.#keys.delete(key), options);
    }
    // No key-up comes for a key that is let go in another window.
    window.addEventListener("blur", () => this.#releaseAll(), options);
    document.addEventListener("visibilitychange", () => this.#releaseAll(), options);
  }

  stop() {
    this.#listening.abort();
    this.#releaseAll();
    this.mouse = null;
  }

  /**
   * @param {Vec} ship Where the own ship is on the screen.
   * @returns {Input}
   */
  read(ship) {
    const thrust = this.thrustStick.pushed ?? this.#thrustOfKeys();
    const aimed = this.aimStick.pushed;
    if (aimed) {
      this.#aim = Math.atan2(aimed.y, aimed.x);
    } else if (this.mouse) {
      this.#aim = Math.atan2(this.mouse.y - ship.y, this.mouse.x - ship.x);
    } else if (thrust.x !== 0 || thrust.y !== 0) {
      // With nothing to aim by, the nose points where the ship goes.
      this.#aim = Math.atan2(thrust.y, thrust.x);
    }
    return { thrust, aim: this.#aim, ...this.#held({ fire: aimed !== null || this.#mouseFires }) };
  }

  /**
   * All actions, and which of them a key holds.
   * @param {Record<string, boolean>} held What is held by other means.
   */
  #held(held) {
    for (const [key, action] of Object.entries(this.#actions)) {
      held[action] = (held[action] ?? false) || this.#keys.has(key);
    }
    return held;
  }

  /** @returns {Vec} */
  #thrustOfKeys() {
    let [x, y] = [0, 0];
    for (const [key, way] of THRUST_KEYS) {
      if (!this.#keys.has(key)) continue;
      x += way.x;
      y += way.y;
    }
    // Both keys of one direction count once, and a diagonal is as strong as a straight line.
    const length = Math.hypot(Math.sign(x), Math.sign(y)) || 1;
    return { x: Math.sign(x) / length, y: Math.sign(y) / length };
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (!(event.code in this.#actions) && !THRUST_KEYS.has(event.code)) return;
    // Arrows and space would scroll.
    event.preventDefault();
    this.#keys.add(event.code);
  }

  /**
   * @param {HTMLElement} surface
   * @param {PointerEvent} event
   */
  #pointerDown(surface, event) {
    surface.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") {
      this.mouse = null;
      const left = event.clientX < window.innerWidth / 2;
      (left ? this.thrustStick : this.aimStick).press(event);
    } else {
      this.#pointMouse(event);
    }
  }

  /** @param {PointerEvent} event */
  #pointerMove(event) {
    if (event.pointerType === "touch") {
      this.thrustStick.move(event);
      this.aimStick.move(event);
    } else {
      this.#pointMouse(event);
    }
  }

  /** @param {PointerEvent} event */
  #pointerUp(event) {
    if (event.pointerType === "touch") {
      this.thrustStick.release(event);
      this.aimStick.release(event);
    } else {
      this.#pointMouse(event);
    }
  }

  /** @param {PointerEvent} event */
  #pointMouse(event) {
    this.mouse = { x: event.clientX, y: event.clientY };
    this.#mouseFires = (event.buttons & 1) !== 0;
  }

  #releaseAll() {
    this.#keys.clear();
    this.#mouseFires = false;
    this.thrustStick.reset();
    this.aimStick.reset();
    this.#onRelease({ thrust: { x: 0, y: 0 }, aim: this.#aim, ...this.#held({ fire: false }) });
  }
}

/**
 * Whether keys that are pressed there are text.
 * @param {EventTarget | null} target
 */
function isField(target) {
  return target instanceof HTMLInputElement;
}
