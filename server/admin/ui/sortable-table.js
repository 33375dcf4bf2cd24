/**
 * A table that is sorted by its columns and updated in place.
 * @module
 */

import { make, write } from "./elements.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} label
 * @property {string} [title] the tooltip
 * @property {boolean} [numeric]
 * @property {(row: Row) => number | string} by the sort key; also the cell's text if there is no `fill`
 * @property {(cell: HTMLTableCellElement, row: Row) => void} [fill] fills or updates a cell
 * @property {boolean} [fixed] true if rows cannot be sorted by the column
 */

/**
 * @template Row
 * @typedef {object} TableOptions
 * @property {string} caption
 * @property {Column<Row>[]} columns
 * @property {(row: Row) => string | number} key
 * @property {{ column: number, descending: boolean }} sort the initial order
 * @property {string} empty shown if there are no rows
 * @property {number} [maxRows] further rows are not shown
 * @property {(row: Row) => void} [open] called when a row is clicked
 */

/** @template Row */
export class SortableTable {
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
   * @param {TableOptions<Row>} options
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
    const { columns, key, maxRows = Infinity } = this.#options;
    const { by } = columns[this.#sort.column];
    const sign = this.#sort.descending ? -1 : 1;
    const sorted = [...rows].sort((a, b) => sign * compare(by(a), by(b)) || compare(key(a), key(b))).slice(0, maxRows);
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
    write(this.#more, `${rows.length - sorted.length} more. Use the filter to find them.`);
  }

  /** @param {string | number} id */
  #newLine(id) {
    const { columns, key, open } = this.#options;
    const line = make("tr", {}, ...columns.map(({ numeric }) => make("td", { class: numeric ? "numeric" : "" })));
    if (open) {
      line.className = "opens";
      line.addEventListener("click", (event) => {
        const { target } = event;
        const row = this.#rows.find((row) => key(row) === id);
        if (row !== undefined && !(target instanceof Element && target.closest("a, button"))) open(row);
      });
    }
    return line;
  }

  /** @param {number} index */
  #sortBy(index) {
    const isSame = this.#sort.column === index;
    // Numbers start with the largest, texts with the first.
    this.#sort = { column: index, descending: isSame ? !this.#sort.descending : this.#options.columns[index].numeric === true };
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
