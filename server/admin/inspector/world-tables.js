/**
 * A room's tables with all their fields, updated in place. Changed cells flash.
 * @module
 */

/** @typedef {import("/client/schema/schema.js").Schema} Schema */
/** @typedef {import("/client/schema/schema.js").Table} Table */
/** @typedef {import("/client/drumline.js").Entity} Entity */
/** @typedef {import("./fields.js").FieldColumn} FieldColumn */
/** @typedef {import("./world-map.js").EntityRef} EntityRef */

import { make, write } from "../ui/elements.js";
import { columnOf } from "./fields.js";
import { count } from "../ui/format.js";
import { colour } from "../ui/theme.js";

const ROW_PIXELS = 30;
/** Rows rendered above and below the visible ones. */
const SPARE_ROWS = 4;
const FLASH_MS = 500;
const ID_WIDTH = 10;

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export class WorldTables {
  element;
  #schema;
  #tabs;
  #filter = make("input", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
  #scroll = make("div", { class: "rows", tabindex: 0, role: "region", "aria-label": "Rows" });
  #head = make("tr");
  #body = make("tbody");
  #columns = make("colgroup");
  #above = make("td");
  #below = make("td");
  #note = make("p", { class: "quiet empty", hidden: true });
  #onChoose;
  /** @type {Table} */
  #table;
  /** @type {FieldColumn[]} */
  #fields = [];
  #sort = { field: -1, descending: false };
  /** The texts of visible rows, by entity id. @type {Map<number, string[]>} */
  #texts = new Map();
  /** @type {HTMLTableRowElement[]} */
  #lines = [];
  /** @type {EntityRef | undefined} */
  #chosen;
  /** @type {Record<string, any>} */
  #tables = {};

  /**
   * @param {Schema} schema
   * @param {(chosen: EntityRef) => void} onChoose
   */
  constructor(schema, onChoose) {
    this.#schema = schema;
    this.#onChoose = onChoose;
    this.#tabs = schema.tables.map((table) => {
      const tab = make("button", { type: "button", role: "tab" }, make("span", {}, table.name), make("b", {}, ""));
      tab.addEventListener("click", () => this.#open(table));
      tab.addEventListener("keydown", (event) => this.#step(event, table));
      return tab;
    });
    const list = make("div", { role: "tablist", "aria-label": "Tables", class: "tabs" }, ...this.#tabs);
    const body = make("table", {}, this.#columns, make("thead", {}, this.#head), this.#body);
    this.#scroll.append(body);
    this.element = make(
      "section",
      { class: "card tables" },
      make("div", { class: "bar" }, list, this.#filter),
      this.#scroll,
      this.#note,
    );
    this.#filter.addEventListener("input", () => this.#draw());
    this.#scroll.addEventListener("scroll", () => this.#draw());
    this.#table = schema.tables[0];
    this.#open(this.#table);
  }

  /** @param {EntityRef | undefined} chosen the entity to mark */
  mark(chosen) {
    this.#chosen = chosen;
    const table = chosen && this.#schema.tables.find(({ name }) => name === chosen.table);
    if (table && table !== this.#table) this.#open(table);
    const rows = this.#rows();
    const at = rows.findIndex(({ id }) => id === chosen?.id);
    if (at >= 0 && this.#lines.every((line) => line.dataset.id !== String(chosen?.id)))
      this.#scroll.scrollTop = at * ROW_PIXELS;
    this.#draw();
  }

  /** @param {Record<string, any>} tables the room's tables */
  show(tables) {
    this.#tables = tables;
    this.#schema.tables.forEach(({ name, single }, index) => {
      write(this.#tabs[index].children[1], single ? "1" : count(tables[name].size));
    });
    this.#draw();
  }

  /** @param {Table} table */
  #open(table) {
    this.#table = table;
    this.#fields = table.fields.map((field) => columnOf(field, table));
    this.#sort = { field: -1, descending: false };
    this.#texts.clear();
    this.#filter.hidden = table.single;
    this.#tabs.forEach((tab, index) => {
      const selected = this.#schema.tables[index] === table;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    });
    const widths = [...(table.single ? [] : [ID_WIDTH]), ...this.#fields.map(({ width }) => width)];
    this.#columns.replaceChildren(
      ...widths.map((width) => {
        const column = make("col");
        column.style.width = `${width}ch`;
        return column;
      }),
    );
    const heads = this.#fields.map(({ name, audience, numeric }, index) => this.#headOf(name, audience, numeric, index));
    this.#head.replaceChildren(...(table.single ? [] : [this.#headOf("id", "", true, -1)]), ...heads);
    this.#lines = [];
    this.#above = make("td", { colspan: widths.length });
    this.#below = make("td", { colspan: widths.length });
    this.#body.replaceChildren(make("tr", { class: "spacer" }, this.#above), make("tr", { class: "spacer" }, this.#below));
    this.#scroll.scrollTop = 0;
    this.#draw();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Table} table
   */
  #step(event, table) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const { tables } = this.#schema;
    const next = (tables.indexOf(table) + step + tables.length) % tables.length;
    this.#open(tables[next]);
    this.#tabs[next].focus();
  }

  /**
   * @param {string} name
   * @param {string} audience
   * @param {boolean} numeric
   * @param {number} index
   */
  #headOf(name, audience, numeric, index) {
    const badge =
      audience === ""
        ? []
        : [make("i", { class: "audience", title: `Sent only to the entity’s ${audience}` }, audience)];
    const button = make("button", { type: "button" }, name, ...badge);
    const head = make(
      "th",
      { scope: "col", class: numeric ? "numeric" : "" },
      this.#table.single ? name : button,
      ...(this.#table.single ? badge : []),
    );
    if (!this.#table.single && index === this.#sort.field) head.setAttribute("aria-sort", "ascending");
    button.addEventListener("click", () => {
      const descending = this.#sort.field === index && !this.#sort.descending;
      this.#sort = { field: index, descending };
      for (const other of this.#head.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      this.#draw();
    });
    return head;
  }

  /** The filtered rows in their order. @returns {Entity[]} */
  #rows() {
    const table = this.#tables[this.#table.name];
    if (table === undefined) return [];
    if (this.#table.single) return [{ id: 0, ...table }];
    let rows = /** @type {Entity[]} */ ([...table]);
    const wanted = this.#filter.value.trim().toLowerCase();
    if (wanted !== "") {
      rows = rows.filter((row) => this.#textsOf(row).some((text) => text.toLowerCase().includes(wanted)));
    }
    const field = this.#fields[this.#sort.field];
    const sign = this.#sort.descending ? -1 : 1;
    if (field) {
      const rank = (/** @type {Entity} */ row) => (field.name in row ? field.rank(row[field.name]) : "");
      rows.sort((a, b) => sign * order(rank(a), rank(b)) || a.id - b.id);
    } else if (this.#sort.descending) {
      rows.reverse();
    }
    return rows;
  }

  /** @param {Entity} row */
  #textsOf(row) {
    const texts = this.#fields.map(({ name, text }) => (name in row ? text(row[name]) : "–"));
    return this.#table.single ? texts : [String(row.id), ...texts];
  }

  /** Renders only the visible rows: a table may have thousands. */
  #draw() {
    const rows = this.#rows();
    this.#note.hidden = rows.length > 0;
    write(this.#note, this.#filter.value.trim() === "" ? `No ${this.#table.name}.` : "No matching rows.");
    const first = Math.max(0, Math.floor(this.#scroll.scrollTop / ROW_PIXELS) - SPARE_ROWS);
    const last = Math.min(rows.length, first + Math.ceil(this.#scroll.clientHeight / ROW_PIXELS) + 2 * SPARE_ROWS);
    this.#above.style.height = `${first * ROW_PIXELS}px`;
    this.#below.style.height = `${(rows.length - last) * ROW_PIXELS}px`;
    while (this.#lines.length < last - first) {
      const line = this.#newLine();
      this.#lines.push(line);
      this.#body.lastElementChild?.before(line);
    }
    while (this.#lines.length > Math.max(last - first, 0)) this.#lines.pop()?.remove();
    const visible = new Set();
    this.#lines.forEach((line, index) => {
      const row = rows[first + index];
      visible.add(row.id);
      this.#fill(line, row);
    });
    for (const id of this.#texts.keys()) if (!visible.has(id)) this.#texts.delete(id);
  }

  #newLine() {
    const cells = this.#fields.map(({ numeric }) => make("td", { class: numeric ? "numeric" : "" }));
    const id = make("button", { type: "button", class: "plain code" });
    const line = make("tr", {}, ...(this.#table.single ? [] : [make("td", { class: "numeric" }, id)]), ...cells);
    if (!this.#table.single) {
      line.className = "opens";
      line.addEventListener("click", () => this.#onChoose({ table: this.#table.name, id: Number(line.dataset.id) }));
    }
    return line;
  }

  /**
   * @param {HTMLTableRowElement} line
   * @param {Entity} row
   */
  #fill(line, row) {
    const texts = this.#textsOf(row);
    const before = this.#texts.get(row.id);
    const id = String(row.id);
    if (line.dataset.id !== id) line.dataset.id = id;
    line.classList.toggle("chosen", this.#chosen?.id === row.id && this.#chosen.table === this.#table.name);
    texts.forEach((text, index) => {
      const cell = line.cells[index];
      write(index === 0 && !this.#table.single ? cell.children[0] : cell, text);
      if (before && before[index] !== text && !reducedMotion.matches) {
        cell.animate([{ backgroundColor: colour("flash") }, { backgroundColor: "transparent" }], {
          duration: FLASH_MS,
          easing: "ease-out",
        });
      }
    });
    this.#texts.set(row.id, texts);
  }
}

/**
 * @param {number | string} a
 * @param {number | string} b
 */
function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
