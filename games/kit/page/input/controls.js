/**
 * Turns keyboard, mouse and touch into the game's input.
 * @module
 */

import { Stick } from "./stick.js";

/** @typedef {import("../world/types.js").Vec} Vec */
/**
 * Boolean input fields that are set while a key is held, by `KeyboardEvent.code`. The mouse button sets `fire` as well.
 * @typedef {Readonly<Record<string, string>>} Actions
 */
/** @typedef {{ thrust: Vec, aim: number } & Record<string, any>} Input */

/** By position on the keyboard, not by letter, so that it works with any layout. */
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
   * The mouse position in CSS pixels; null before the mouse has moved and while touch is used.
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
   * @param {HTMLElement} surface The element that receives pointer events.
   * @param {Actions} actions
   * @param {(neutral: Input) => void} onRelease Called when all keys and sticks are released at once. A hidden page draws no
   *   frames, so it would not read the released state.
   */
  constructor(surface, actions, onRelease) {
    this.#actions = actions;
    this.#onRelease = onRelease;
    const options = { signal: this.#listening.signal };
    window.addEventListener("keydown", (event) => this.#press(event), options);
    // A player who starts typing releases the ship's controls.
    window.addEventListener("focusin", ({ target }) => isField(target) && this.#releaseAll(), options);
    window.addEventListener("keyup", (event) => this.#keys.delete(event.code), options);
    surface.addEventListener("pointerdown", (event) => this.#pointerDown(surface, event), options);
    surface.addEventListener("pointermove", (event) => this.#pointerMove(event), options);
    surface.addEventListener("pointerup", (event) => this.#pointerUp(event), options);
    surface.addEventListener("pointercancel", (event) => this.#pointerUp(event), options);
    surface.addEventListener("contextmenu", (event) => event.preventDefault(), options);
    // On-screen buttons that act as held keys, for devices without a keyboard.
    for (const button of document.querySelectorAll("[data-key]")) {
      const key = button.getAttribute("data-key") ?? "";
      button.addEventListener("pointerdown", () => this.#keys.add(key), options);
      button.addEventListener("pointerup", () => this.#keys.delete(key), options);
      button.addEventListener("pointercancel", () => this.#keys.delete(key), options);
    }
    // A key released in another window sends no keyup event here.
    window.addEventListener("blur", () => this.#releaseAll(), options);
    document.addEventListener("visibilitychange", () => this.#releaseAll(), options);
  }

  stop() {
    this.#listening.abort();
    this.#releaseAll();
    this.mouse = null;
  }

  /**
   * @param {Vec} ship The own ship's position on the screen.
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
      // Without a mouse or aim stick the ship points where it thrusts.
      this.#aim = Math.atan2(thrust.y, thrust.x);
    }
    return { thrust, aim: this.#aim, ...this.#held({ fire: aimed !== null || this.#mouseFires }) };
  }

  /**
   * Every action, true if its key is held.
   * @param {Record<string, boolean>} held Actions held by other means.
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
    for (const [key, direction] of THRUST_KEYS) {
      if (!this.#keys.has(key)) continue;
      x += direction.x;
      y += direction.y;
    }
    // Two keys for the same direction count once, and diagonal thrust is no stronger than straight thrust.
    const length = Math.hypot(Math.sign(x), Math.sign(y)) || 1;
    return { x: Math.sign(x) / length, y: Math.sign(y) / length };
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (!(event.code in this.#actions) && !THRUST_KEYS.has(event.code)) return;
    // Arrow keys and space would scroll the page.
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
 * Returns true if keys pressed on the target are typed text.
 * @param {EventTarget | null} target
 */
function isField(target) {
  return target instanceof HTMLInputElement;
}
