/**
 * A table of rows that can be sorted, and changes in place.
 * @module
 */

import { make, write } from "./elements.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} label
 * @property {string} [title] what it means
 * @property {boolean} [numeric]
 * @property {(row: Row) => number | string} by what rows are sorted by; also what is shown, if there is no `fill`
 * @property {(cell: HTMLTableCellElement, row: Row) => void} [fill] shows the row in a cell, which may show it already
 * @property {boolean} [fixed] whether it is no good to sort by
 */

/**
 * @template Row
 * @typedef {object} SheetOptions
 * @property {string} caption
 * @property {Column<Row>[]} columns
 * @property {(row: Row) => string | number} key
 * @property {{ column: number, descending: boolean }} sort at first
 * @property {string} empty what is said if there are no rows
 * @property {number} [most] rows shown
 * @property {(row: Row) => void} [open] a row has been clicked
 */

/** @template Row */
export class Sheet {
  #options;
  #body = make("tbody");
  #heads;
  #empty;
  #more = make("p", { class: "quiet more", hidden: true });
  #sort;
  /** @type {Row[]} */
  #rows = [];
  /** @type {Map<string | number, HTMLTableRowElement>} */
  #shown = new Map();

  /**
   * @param {HTMLElement} host
   * @param {SheetOptions<Row>} options
   */
  constructor(host, options) {
    this.#options = options;
    this.#sort = { ...options.sort };
    this.#empty = make("p", { class: "quiet empty" }, options.empty);
    this.#heads = options.columns.map((column, index) => {
      const { label, title = "", numeric = false, fixed = false } = column;
      const content = fixed ? label : make("button", { type: "button", click: () => this.#sortBy(index) }, label);
      return make("th", { scope: "col", class: numeric ? "numeric" : "", title }, content);
    });
    const head = make("thead", {}, make("tr", {}, ...this.#heads));
    const caption = make("caption", { class: "for-readers" }, options.caption);
    host.replaceChildren(make("table", {}, caption, head, this.#body), this.#empty, this.#more);
    this.#showSort();
  }

  /** @param {Row[]} rows */
  show(rows) {
    this.#rows = rows;
    const { columns, key, most = Infinity } = this.#options;
    const { by } = columns[this.#sort.column];
    const turn = this.#sort.descending ? -1 : 1;
    const sorted = [...rows].sort((a, b) => turn * compare(by(a), by(b)) || compare(key(a), key(b))).slice(0, most);
    const before = this.#shown;
    this.#shown = new Map();
    sorted.forEach((row, index) => {
      const id = key(row);
      const line = before.get(id) ?? this.#newLine(id);
      before.delete(id);
      this.#shown.set(id, line);
      columns.forEach((column, at) => {
        const cell = line.cells[at];
        if (column.fill) column.fill(cell, row);
        else write(cell, String(column.by(row)));
      });
      if (this.#body.children[index] !== line) this.#body.insertBefore(line, this.#body.children[index] ?? null);
    });
    before.forEach((line) => line.remove());
    this.#empty.hidden = rows.length > 0;
    this.#more.hidden = rows.length <= sorted.length;
    write(this.#more, `${rows.length - sorted.length} more; filter to find them`);
  }

  /** @param {string | number} id */
  #newLine(id) {
    const { columns, key, open } = this.#options;
    const line = make("tr", {}, ...columns.map(({ numeric }) => make("td", { class: numeric ? "numeric" : "" })));
    if (open) {
      line.className = "opens";
      line.addEventListener("click", (event) => {
        const on = event.target;
        const row = this.#rows.find((row) => key(row) === id);
        if (row !== undefined && !(on instanceof Element && on.closest("a, button"))) open(row);
      });
    }
    return line;
  }

  /** @param {number} index */
  #sortBy(index) {
    const again = this.#sort.column === index;
    // Of figures the greatest are of interest, of words the first.
    this.#sort = { column: index, descending: again ? !this.#sort.descending : this.#options.columns[index].numeric === true };
    this.#showSort();
    this.show(this.#rows);
  }

  #showSort() {
    this.#heads.forEach((head, index) => {
      if (index !== this.#sort.column) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", this.#sort.descending ? "descending" : "ascending");
    });
  }
}

/**
 * @param {number | string} a
 * @param {number | string} b
 */
function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}
