/**
 * A map of a room's world: each table with positions is a layer in its own colour.
 * @module
 */

/** @typedef {import("/client/schema/schema.js").Schema} Schema */
/** @typedef {import("/client/schema/schema.js").Table} Table */
/** @typedef {import("/client/drumline.js").Entity} Entity */
/** @typedef {import("./fields.js").Placement} Placement */
/** @typedef {import("./map-camera.js").Bounds} Bounds */

import { contextOf, fitCanvas, make, write } from "../ui/elements.js";
import { columnOf, placementOf } from "./fields.js";
import { count, roundUp } from "../ui/format.js";
import { MapCamera } from "./map-camera.js";
import { MapPointer } from "./map-pointer.js";
import { colour, seriesColour } from "../ui/theme.js";

const HOVER_PIXELS = 14;
const GRID_PIXELS = 90;
/** Entities of larger tables are drawn smaller. */
const MANY = 300;
const FEW = 40;
/** Names are always shown if a table has at most this many entities. */
const NAMED = 14;
const MAX_FACTS = 14;
const FOLLOW_ZOOM = 6;
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/**
 * @typedef {object} Layer
 * @property {Table} table
 * @property {Placement} where
 * @property {string} colour its name in the style sheet
 * @property {string | undefined} label the field that names an entity
 * @property {boolean} shown
 * @property {Entity[]} entities
 * @property {HTMLElement} counter
 */

/** @typedef {{ table: string, id: number }} EntityRef */

export class WorldMap {
  element = make("div", { class: "map" });
  /** The number of entities drawn in the last frame, by table. @type {Record<string, number>} */
  drawn = {};
  #canvas = make("canvas", { tabindex: 0, role: "application", "aria-label": "Map of the room’s world" });
  #context = contextOf(this.#canvas);
  #facts = make("div", { class: "facts card", hidden: true });
  #following = make("button", { type: "button", class: "following", hidden: true, click: () => this.follow(undefined) });
  /** @type {Layer[]} */
  #layers;
  #camera;
  #bounds;
  #pointer;
  /** @type {EntityRef | undefined} */
  #followed;
  #onFollow;

  /**
   * @param {Schema} schema
   * @param {(chosen: EntityRef | undefined) => void} onFollow
   */
  constructor(schema, onFollow) {
    this.#onFollow = onFollow;
    this.#layers = layersOf(schema);
    this.#bounds = boundsOf(this.#layers);
    this.#camera = new MapCamera(this.#bounds);
    this.#pointer = new MapPointer(this.#canvas, this.#camera, {
      moved: () => this.follow(undefined),
      clicked: () => this.#followHovered(),
    });
    const controls = make(
      "div",
      { class: "map-controls" },
      make("button", { type: "button", "aria-label": "Zoom in", click: () => this.#camera.zoomBy(1.5) }, "+"),
      make("button", { type: "button", "aria-label": "Zoom out", click: () => this.#camera.zoomBy(1 / 1.5) }, "−"),
      make("button", { type: "button", "aria-label": "Show all", click: () => this.#fit() }, "Fit"),
    );
    const legend = make("ul", { class: "layers" }, ...this.#layers.map((layer) => this.#legendOf(layer)));
    const stage = make("div", { class: "stage" }, this.#canvas, controls, this.#following, this.#facts);
    this.element.append(stage, legend);
    if (this.#layers.length === 0) {
      this.element.replaceChildren(
        make("p", { class: "quiet empty" }, "This game has no tables with positions, so there is no map."),
      );
    }
  }

  /**
   * Keeps an entity at the map's centre.
   *
   * @param {EntityRef | undefined} chosen undefined stops following
   */
  follow(chosen) {
    if (this.#followed?.table === chosen?.table && this.#followed?.id === chosen?.id) return;
    this.#followed = chosen;
    if (chosen && this.#camera.zoom < FOLLOW_ZOOM) this.#camera.zoomBy(FOLLOW_ZOOM / this.#camera.zoom);
    this.#onFollow(chosen);
  }

  /** @param {Record<string, any>} tables from `room.view()` */
  draw(tables) {
    const context = this.#context;
    const { width, height } = fitCanvas(this.#canvas, context);
    if (width === 0 || this.#layers.length === 0) return;
    for (const layer of this.#layers) layer.entities = tables[layer.table.name] ?? [];
    this.#camera.resize(width, height);
    const followed = this.#find(this.#followed);
    if (followed) this.#camera.centreOn(followed.entity[followed.layer.where.position]);
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    this.#drawGround(width, height);
    // Large tables are drawn first, so that small ones are not covered.
    const order = [...this.#layers].sort((a, b) => b.entities.length - a.entities.length);
    for (const layer of order) this.#drawLayer(layer, width, height);
    const hovered = this.#hovered();
    for (const marked of [followed, hovered]) if (marked) this.#mark(marked);
    this.#showFacts(hovered ?? followed, width, height);
    const name = this.#followed && (followed ? titleOf(followed) : `${this.#followed.table}: gone`);
    this.#following.hidden = !name;
    write(this.#following, name ? `Following ${name}  ✕` : "");
  }

  #fit() {
    this.follow(undefined);
    this.#camera.fit();
  }

  #followHovered() {
    const hovered = this.#hovered();
    if (hovered) this.follow({ table: hovered.layer.table.name, id: hovered.entity.id });
  }

  /** @param {Layer} layer */
  #legendOf(layer) {
    const box = make("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => (layer.shown = box.checked));
    return make(
      "li",
      {},
      make("label", {}, box, make("i", { class: `swatch ${layer.colour}` }), make("span", {}, layer.table.name), layer.counter),
    );
  }

  /** @param {number} width @param {number} height */
  #drawGround(width, height) {
    const context = this.#context;
    const camera = this.#camera;
    const { x, y } = this.#bounds;
    const low = camera.toScreen({ x: x[0], y: y[0] });
    const high = camera.toScreen({ x: x[1], y: y[1] });
    context.fillStyle = colour("ground");
    context.fillRect(low.x, low.y, high.x - low.x, high.y - low.y);
    const step = roundUp(GRID_PIXELS / camera.scale);
    context.fillStyle = colour("grid");
    context.textBaseline = "bottom";
    const [from, to] = [camera.toWorld({ x: 0, y: 0 }), camera.toWorld({ x: width, y: height })];
    for (let at = Math.ceil(Math.max(from.x, x[0]) / step) * step; at <= Math.min(to.x, x[1]); at += step) {
      context.fillRect(
        camera.toScreen({ x: at, y: 0 }).x,
        Math.max(low.y, 0),
        1,
        Math.min(high.y, height) - Math.max(low.y, 0),
      );
    }
    for (let at = Math.ceil(Math.max(from.y, y[0]) / step) * step; at <= Math.min(to.y, y[1]); at += step) {
      context.fillRect(Math.max(low.x, 0), camera.toScreen({ x: 0, y: at }).y, Math.min(high.x, width) - Math.max(low.x, 0), 1);
    }
    context.strokeStyle = colour("edge");
    context.lineWidth = 1;
    context.strokeRect(low.x, low.y, high.x - low.x, high.y - low.y);
    const bar = step * camera.scale;
    context.fillStyle = colour("faint");
    context.fillRect(12, height - 12, bar, 1);
    context.fillRect(12, height - 16, 1, 9);
    context.fillRect(12 + bar, height - 16, 1, 9);
    context.textAlign = "center";
    context.fillText(`${step}`, 12 + bar / 2, height - 15);
  }

  /**
   * @param {Layer} layer
   * @param {number} width
   * @param {number} height
   */
  #drawLayer(layer, width, height) {
    const { entities, where, shown, table } = layer;
    write(layer.counter, count(entities.length));
    this.drawn[table.name] = 0;
    if (!shown) return;
    const context = this.#context;
    const radius = radiusOf(layer, this.#camera.zoom);
    context.fillStyle = colour(layer.colour);
    context.globalAlpha = entities.length > MANY ? 0.6 : 1;
    const named = layer.label !== undefined && (entities.length <= NAMED || this.#camera.zoom >= FOLLOW_ZOOM);
    context.beginPath();
    for (const entity of entities) {
      this.drawn[table.name]++;
      const { x, y } = this.#camera.toScreen(entity[where.position]);
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      if (where.heading === undefined) {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, Math.PI * 2);
      } else {
        arrow(context, x, y, entity[where.heading], radius * 1.7);
      }
    }
    context.fill();
    context.globalAlpha = 1;
    if (!named) return;
    context.fillStyle = colour("quiet");
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const entity of entities) {
      const { x, y } = this.#camera.toScreen(entity[where.position]);
      if (x > 0 && y > 0 && x < width && y < height)
        context.fillText(entity[/** @type {string} */ (layer.label)], x, y + radius + 5);
    }
  }

  /** @param {{ layer: Layer, entity: Entity }} marked */
  #mark({ layer, entity }) {
    const { x, y } = this.#camera.toScreen(entity[layer.where.position]);
    this.#context.strokeStyle = colour("text");
    this.#context.lineWidth = 1.5;
    this.#context.beginPath();
    this.#context.arc(x, y, radiusOf(layer, this.#camera.zoom) * 1.7 + 5, 0, Math.PI * 2);
    this.#context.stroke();
  }

  /** @param {EntityRef | undefined} chosen @returns {{ layer: Layer, entity: Entity } | undefined} */
  #find(chosen) {
    const layer = chosen && this.#layers.find(({ table }) => table.name === chosen.table);
    const entity = layer?.entities.find(({ id }) => id === chosen?.id);
    return layer && entity && { layer, entity };
  }

  /** @returns {{ layer: Layer, entity: Entity } | undefined} */
  #hovered() {
    const { at } = this.#pointer;
    if (!at) return undefined;
    /** @type {{ layer: Layer, entity: Entity } | undefined} */
    let nearest;
    let distance = HOVER_PIXELS;
    for (const layer of this.#layers.filter(({ shown }) => shown)) {
      for (const entity of layer.entities) {
        const { x, y } = this.#camera.toScreen(entity[layer.where.position]);
        // Measured from the edge, so that larger entities are easier to hit.
        const away = Math.hypot(x - at.x, y - at.y) - radiusOf(layer, this.#camera.zoom);
        if (away < distance) [nearest, distance] = [{ layer, entity }, away];
      }
    }
    return nearest;
  }

  /**
   * @param {{ layer: Layer, entity: Entity } | undefined} of
   * @param {number} width
   * @param {number} height
   */
  #showFacts(of, width, height) {
    this.#facts.hidden = !of;
    if (!of) return;
    const { layer, entity } = of;
    const fields = layer.table.fields.slice(0, MAX_FACTS).map((field) => columnOf(field, layer.table));
    if (this.#facts.dataset.of !== layer.table.name) {
      this.#facts.dataset.of = layer.table.name;
      const lines = fields.map(({ name }) => make("div", {}, make("dt", {}, name), make("dd")));
      this.#facts.replaceChildren(make("h4"), make("dl", {}, ...lines));
    }
    const [title, list] = this.#facts.children;
    write(title, titleOf(of));
    fields.forEach(({ name, text }, index) =>
      write(list.children[index].children[1], name in entity ? text(entity[name]) : "–"),
    );
    const { x, y } = this.#camera.toScreen(entity[layer.where.position]);
    const { offsetWidth, offsetHeight } = this.#facts;
    const left = x + 18 + offsetWidth > width ? x - 18 - offsetWidth : x + 18;
    this.#facts.style.left = `${Math.max(4, Math.min(left, width - offsetWidth - 4))}px`;
    this.#facts.style.top = `${Math.max(4, Math.min(y - 12, height - offsetHeight - 4))}px`;
  }
}

/** @param {Schema} schema @returns {Layer[]} */
function layersOf({ tables }) {
  return tables.flatMap((table, index) => {
    const where = table.single ? undefined : placementOf(table);
    if (!where) return [];
    const label = table.fields.find(({ kind, name }) => kind.type === "Text" && /name|label|title/i.test(name))?.name;
    return [{ table, where, label, colour: seriesColour(index), shown: true, entities: [], counter: make("b") }];
  });
}

/** @param {Layer[]} layers @returns {Bounds} */
function boundsOf(layers) {
  const all = layers.map(({ where }) => where.bounds);
  const span = (/** @type {"x" | "y"} */ axis) =>
    /** @type {[number, number]} */ ([
      Math.min(...all.map((bounds) => bounds[axis][0])),
      Math.max(...all.map((bounds) => bounds[axis][1])),
    ]);
  return all.length > 0 ? { x: span("x"), y: span("y") } : { x: [0, 1], y: [0, 1] };
}

/** @param {Layer} layer @param {number} zoom */
function radiusOf({ entities, where }, zoom) {
  const base = entities.length > MANY ? 1.4 : entities.length > FEW || where.heading === undefined ? 2.6 : 4;
  return Math.min(base * (1 + Math.log2(Math.max(zoom, 1)) * 0.45), 12);
}

/** @param {{ layer: Layer, entity: Entity }} of */
function titleOf({ layer, entity }) {
  const name = layer.label && entity[layer.label];
  return name ? `${name} · ${layer.table.name} ${entity.id}` : `${layer.table.name} ${entity.id}`;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} heading
 * @param {number} size
 */
function arrow(context, x, y, heading, size) {
  const [cos, sin] = [Math.cos(heading) * size, Math.sin(heading) * size];
  context.moveTo(x + cos, y + sin);
  context.lineTo(x - 0.7 * cos - 0.65 * sin, y - 0.7 * sin + 0.65 * cos);
  context.lineTo(x - 0.35 * cos, y - 0.35 * sin);
  context.lineTo(x - 0.7 * cos + 0.65 * sin, y - 0.7 * sin - 0.65 * cos);
  context.closePath();
}
