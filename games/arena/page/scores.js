/**
 * The score board.
 * @module
 */

import { coloursOf } from "./palette.js";

/** @typedef {import("./world.js").Pilot} Pilot */
/** @typedef {{ line: HTMLElement, rank: HTMLElement, name: HTMLElement, points: HTMLElement }} Row */

const SHOWN = 8;

export class ScoreBoard {
  #list;
  /** @type {Row[]} */
  #rows = [];

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
    list.replaceChildren();
  }

  /**
   * @param {Pilot[]} pilots
   * @param {number} own The own seat.
   */
  update(pilots, own) {
    const sorted = [...pilots].sort((a, b) => b.score - a.score || a.player - b.player);
    const ranked = sorted.map((pilot, index) => ({ pilot, rank: index + 1 }));
    const shown = ranked.slice(0, SHOWN);
    const mine = ranked.find(({ pilot }) => pilot.player === own);
    // The own line is always there, in place of the last one if it has to be.
    if (mine && mine.rank > SHOWN) shown[SHOWN - 1] = mine;

    while (this.#rows.length < shown.length) this.#rows.push(this.#addRow());
    for (const row of this.#rows.splice(shown.length)) row.line.remove();
    shown.forEach(({ pilot, rank }, index) => {
      fill(this.#rows[index], pilot, rank, pilot.player === own);
    });
  }

  /** @returns {Row} */
  #addRow() {
    const line = document.createElement("li");
    const [rank, name, points] = ["rank", "name", "points"].map((className) => {
      const part = document.createElement("span");
      part.className = className;
      return part;
    });
    line.append(rank, name, points);
    this.#list.append(line);
    return { line, rank, name, points };
  }
}

/**
 * @param {Row} row
 * @param {Pilot} pilot
 * @param {number} rank
 * @param {boolean} own
 */
function fill(row, pilot, rank, own) {
  write(row.rank, String(rank));
  write(row.name, pilot.name);
  write(row.points, String(pilot.score));
  row.line.classList.toggle("own", own);
  row.line.title = `${pilot.kills} kills, ${pilot.deaths} deaths`;
  row.line.style.setProperty("--colour", coloursOf(pilot.player, own).main);
}

/**
 * Sets a text only where it changed: the browser lays out anew after each change.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
