/**
 * The scoreboard: ranks, names and points.
 * @module
 */

import { write } from "../ui/elements.js";

/** @typedef {{ rank: number, name: string, points: number, colour: string, own: boolean, title: string }} Line */
/** @typedef {{ line: HTMLElement, rank: HTMLElement, name: HTMLElement, points: HTMLElement }} Row */

export class Scoreboard {
  #list;
  /** @type {Row[]} */
  #rows = [];

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
    list.replaceChildren();
  }

  /** @param {Line[]} lines */
  update(lines) {
    while (this.#rows.length < lines.length) this.#rows.push(this.#addRow());
    for (const row of this.#rows.splice(lines.length)) row.line.remove();
    lines.forEach((line, index) => fill(this.#rows[index], line));
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
 * @param {Line} line
 */
function fill(row, { rank, name, points, colour, own, title }) {
  write(row.rank, String(rank));
  write(row.name, name);
  write(row.points, String(points));
  row.line.classList.toggle("own", own);
  row.line.title = title;
  row.line.style.setProperty("--colour", colour);
}
