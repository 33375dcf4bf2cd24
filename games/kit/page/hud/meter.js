/**
 * A bar with a number, for health, cargo and energy.
 * @module
 */

import { byId, write } from "../ui/elements.js";

/** Expects `<div id="…" role="meter"><span class="bar"></span><span class="figure"></span></div>`. */
export class Meter {
  element;
  #figure;
  #max;

  /**
   * @param {string} id
   * @param {number} max
   */
  constructor(id, max) {
    this.element = byId(id);
    const figure = this.element.querySelector(".figure");
    if (!figure) throw new Error(`#${id} has no figure`);
    this.#figure = figure;
    this.#max = max;
  }

  /**
   * @param {number} value
   * @param {string} [text] Shown instead of the value.
   */
  show(value, text = String(value)) {
    write(this.#figure, text);
    this.element.setAttribute("aria-valuenow", String(value));
    this.element.style.setProperty("--share", String(value / this.#max));
  }
}
