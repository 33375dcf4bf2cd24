/** The state of a room as tables: one for each table of the game, with its first rows, and one for each single. */

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("/client/drumline.js").Player} Player */
/** @typedef {import("/client/schema/schema.js").Table} Table */
/** @typedef {import("/client/schema/kinds.js").Field} Field */

import { make, write } from "./elements.js";
import { compact, counted } from "./format.js";

/** The most rows of a table that are shown: more are not to be read, and take the browser's time. */
const MAX_ROWS = 50;

/**
 * Fills an element with the tables of a room.
 *
 * @param {HTMLElement} parent
 * @param {Room} room
 * @returns {() => void} shows them as they are now
 */
export function showTables(parent, room) {
  const { tables } = room.schema;
  const singles = tables.filter(({ single }) => single).map((table) => showSingle(room, table));
  const others = tables.filter(({ single }) => !single).map((table) => showTable(room, table));
  const all = [...singles, ...others];
  parent.replaceChildren(...all.map(({ element }) => element));
  return () => all.forEach(({ update }) => update());
}

/**
 * @param {Room} room
 * @param {Table} table
 */
function showSingle(room, { name, fields }) {
  const cells = fields.map(() => make("td"));
  const rows = fields.map((field, index) => {
    return make("tr", {}, make("th", { scope: "row", title: titleOf(field) }, field.name), cells[index]);
  });
  const table = make("table", {}, ...rows);
  const element = make("details", { class: "state", open: true }, make("summary", {}, name), scrolling(name, table));
  const update = () => {
    const values = room.tables[name];
    fields.forEach((field, index) => write(cells[index], shown(field, values[field.name], room.players)));
  };
  return { element, update };
}

/**
 * @param {Room} room
 * @param {Table} table
 */
function showTable(room, { name, fields }) {
  const heads = fields.map((field) => make("th", { scope: "col", title: titleOf(field) }, field.name));
  const body = make("tbody");
  const count = make("span", { class: "quiet" });
  const table = make("table", {}, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "id"), ...heads)), body);
  const element = make("details", { class: "state", open: true }, make("summary", {}, name, count), scrolling(name, table));
  element.dataset.table = name;
  const owners = fields.filter(({ kind }) => kind.type === "Player");
  const newRow = () => make("tr", {}, make("th", { scope: "row" }), ...fields.map(() => make("td")));
  const update = () => {
    const { size } = room.tables[name];
    write(count, size > MAX_ROWS ? `the first ${MAX_ROWS} of ${counted(size, "row")}` : counted(size, "row"));
    let index = 0;
    for (const entity of element.open ? room.tables[name] : []) {
      if (index === MAX_ROWS) break;
      const row = body.rows[index++] ?? body.appendChild(newRow());
      row.classList.toggle("own", !room.spectator && owners.some(({ name }) => entity[name] === room.player));
      write(row.cells[0], String(entity.id));
      fields.forEach((field, at) => write(row.cells[at + 1], shown(field, entity[field.name], room.players)));
    }
    while (body.rows.length > index) body.deleteRow(-1);
  };
  return { element, update };
}

/**
 * A table that scrolls by itself, by the keyboard too.
 *
 * @param {string} label
 * @param {HTMLElement} table
 */
function scrolling(label, table) {
  return make("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": label }, table);
}

/**
 * A value of a field as text. A player's number is followed by the name.
 *
 * @param {Field} field
 * @param {any} value
 * @param {readonly Player[]} players
 */
function shown({ kind }, value, players) {
  if (kind.type !== "Player") return compact(value);
  const name = players.find(({ id }) => id === value)?.name;
  return name === undefined ? compact(value) : `${value} ${name}`;
}

/**
 * The kind of a field and its range, as far as it has one.
 *
 * @param {Field} field
 */
function titleOf({ kind }) {
  switch (kind.type) {
    case "Float":
      return `Float, ${kind.range.min} to ${kind.range.max}, step ${kind.range.step}`;
    case "Vec2":
    case "Vec3":
      return `${kind.type}, ${kind.axes.map(({ min, max, step }) => `${min} to ${max}, step ${step}`).join("; ")}`;
    case "Int":
      return `Int, ${kind.min} to ${kind.min + kind.span}`;
    case "Enum":
      return kind.variants.join(", ");
    case "Entity":
      return `Entity of ${kind.table}`;
    default:
      return kind.type;
  }
}
