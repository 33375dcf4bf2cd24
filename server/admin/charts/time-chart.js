/**
 * A chart of figures over time, as lines or stacked bars.
 * @module
 */

/** @typedef {import("../data/history.js").Sample} Sample */

import { contextOf, fitCanvas, make, write } from "../ui/elements.js";
import { NONE, roundUp } from "../ui/format.js";
import { colour } from "../ui/theme.js";

const PAD = { top: 8, right: 2, bottom: 18, left: 2 };
const GRID_LINES = 3;
/** Samples farther apart are not connected by a line. */
const GAP_MS = 5000;
const BAR_PIXELS = 6;
const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {string} colour its name in the style sheet
 * @property {(sample: Sample) => number} read NaN if the sample has no value
 * @property {boolean} [quiet] true for a thin line, shown for comparison
 */

/**
 * @typedef {object} ChartOptions
 * @property {string} title
 * @property {(value: number) => string} format
 * @property {number} minTop the smallest maximum of the scale
 * @property {boolean} [stacked] true draws stacked bars instead of lines
 * @property {boolean} [filled] true shades the areas below lines that are not quiet
 * @property {string} [empty] shown if there are no series
 */

export class TimeChart {
  element;
  #options;
  #canvas = make("canvas", { role: "img" });
  #context = contextOf(this.#canvas);
  #legend = make("ul", { class: "legend" });
  #time = make("time", { class: "quiet" });
  /** @type {Series[]} */
  #series = [];
  /** @type {Sample[]} */
  #samples = [];
  #spanMs = 1;
  #now = 0;
  /** The pointer's x coordinate in CSS pixels; NaN if it is elsewhere. */
  #pointer = NaN;

  /** @param {ChartOptions} options */
  constructor(options) {
    this.#options = options;
    const caption = make("figcaption", {}, make("h3", {}, options.title), this.#time);
    this.element = make("figure", { class: "card chart" }, caption, this.#legend, this.#canvas);
    const point = (/** @type {PointerEvent} */ event) => {
      this.#pointer = event.offsetX;
      this.#draw();
    };
    this.#canvas.addEventListener("pointermove", point);
    this.#canvas.addEventListener("pointerdown", point);
    this.#canvas.addEventListener("pointerleave", () => {
      this.#pointer = NaN;
      this.#draw();
    });
  }

  /**
   * @param {Series[]} series
   * @param {Sample[]} samples by ascending time
   * @param {number} spanMs
   * @param {number} now in milliseconds
   */
  show(series, samples, spanMs, now) {
    const first = samples.findIndex(({ at }) => at >= now - spanMs - GAP_MS);
    this.#samples = first < 0 ? [] : samples.slice(first);
    this.#series = series;
    this.#spanMs = spanMs;
    this.#now = now;
    this.#draw();
  }

  #draw() {
    const context = this.#context;
    const { width, height } = fitCanvas(this.#canvas, context);
    if (width === 0) return;
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    const columns = this.#options.stacked ? this.#bars(width) : [];
    const max = this.#options.stacked
      ? Math.max(0, ...columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0)))
      : Math.max(0, ...this.#series.flatMap(({ read }) => this.#samples.map(read).filter((value) => !Number.isNaN(value))));
    const top = roundUp(Math.max(max, this.#options.minTop));
    /** @type {(value: number) => number} */
    const y = (value) => height - PAD.bottom - (value / top) * (height - PAD.top - PAD.bottom);
    this.#drawScale(width, height, top, y);
    if (this.#options.stacked) this.#drawBars(columns, y);
    else [...this.#series].reverse().forEach((series) => this.#drawLine(series, width, y));
    this.#drawPointer(width, height);
    this.#writeLegend(width);
  }

  /** @param {number} at @param {number} width */
  #x(at, width) {
    return PAD.left + (1 - (this.#now - at) / this.#spanMs) * (width - PAD.left - PAD.right);
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} top
   * @param {(value: number) => number} y
   */
  #drawScale(width, height, top, y) {
    const context = this.#context;
    context.textBaseline = "bottom";
    context.textAlign = "left";
    for (let line = 0; line <= GRID_LINES; line++) {
      const value = (top * line) / GRID_LINES;
      const at = Math.round(y(value)) + 0.5;
      context.fillStyle = colour(line === 0 ? "edge" : "grid");
      context.fillRect(PAD.left, at - 0.5, width - PAD.left - PAD.right, 1);
      if (line === GRID_LINES) {
        context.fillStyle = colour("faint");
        context.textBaseline = "top";
        context.fillText(this.#options.format(value), PAD.left, at + 3);
      }
    }
    context.fillStyle = colour("faint");
    context.textBaseline = "alphabetic";
    for (const [share, align] of /** @type {[number, CanvasTextAlign][]} */ ([
      [0, "left"],
      [0.5, "center"],
      [1, "right"],
    ])) {
      context.textAlign = align;
      const seconds = ((1 - share) * this.#spanMs) / 1000;
      const text = seconds === 0 ? "now" : seconds % 60 === 0 ? `−${seconds / 60} min` : `−${seconds} s`;
      context.fillText(text, PAD.left + share * (width - PAD.left - PAD.right), height - 4);
    }
  }

  /**
   * @param {Series} series
   * @param {number} width
   * @param {(value: number) => number} y
   */
  #drawLine({ colour: name, read, quiet }, width, y) {
    const context = this.#context;
    const line = new Path2D();
    const area = new Path2D();
    let last = NaN;
    let lastX = 0;
    for (const sample of this.#samples) {
      const value = read(sample);
      if (Number.isNaN(value)) continue;
      const [x, at] = [this.#x(sample.at, width), y(value)];
      if (sample.at - last <= GAP_MS) {
        line.lineTo(x, at);
        area.lineTo(x, at);
      } else {
        if (!Number.isNaN(last)) area.lineTo(lastX, y(0));
        line.moveTo(x, at);
        area.moveTo(x, y(0));
        area.lineTo(x, at);
      }
      [last, lastX] = [sample.at, x];
    }
    if (Number.isNaN(last)) return;
    area.lineTo(lastX, y(0));
    context.save();
    context.beginPath();
    context.rect(PAD.left, 0, width - PAD.left - PAD.right, y(0) + 1);
    context.clip();
    context.strokeStyle = context.fillStyle = colour(name);
    if (this.#options.filled && !quiet) {
      context.globalAlpha = 0.13;
      context.fill(area);
      context.globalAlpha = 1;
    }
    context.lineWidth = quiet ? 1 : 1.75;
    context.globalAlpha = quiet ? 0.6 : 1;
    context.lineJoin = "round";
    context.stroke(line);
    context.restore();
  }

  /**
   * The samples grouped into bars, with the mean of each series.
   *
   * @param {number} width
   * @returns {{ from: number, to: number, values: number[] }[]}
   */
  #bars(width) {
    const step = (BAR_PIXELS / Math.max(width, 1)) * this.#spanMs;
    /** @type {Map<number, Sample[]>} */
    const columns = new Map();
    for (const sample of this.#samples) {
      // Grouped by absolute time, so that bars keep their values while they scroll.
      const column = Math.floor(sample.at / step);
      const of = columns.get(column);
      if (of) of.push(sample);
      else columns.set(column, [sample]);
    }
    return [...columns].map(([column, samples]) => {
      const values = this.#series.map(({ read }) => {
        const known = samples.map(read).filter((value) => !Number.isNaN(value));
        return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : 0;
      });
      return { from: this.#x(column * step, width), to: this.#x((column + 1) * step, width), values };
    });
  }

  /**
   * @param {{ from: number, to: number, values: number[] }[]} columns
   * @param {(value: number) => number} y
   */
  #drawBars(columns, y) {
    const context = this.#context;
    for (const { from, to, values } of columns) {
      let sum = 0;
      values.forEach((value, index) => {
        if (value <= 0) return;
        context.fillStyle = colour(this.#series[index].colour);
        const [bottom, top] = [y(sum), y(sum + value)];
        context.fillRect(from, Math.min(top, bottom - 1), Math.max(to - from - 1, 1), Math.max(bottom - top, 1));
        sum += value;
      });
    }
  }

  /** @param {number} width @param {number} height */
  #drawPointer(width, height) {
    const sample = this.#sampleAtPointer(width);
    if (!sample || Number.isNaN(this.#pointer)) return;
    this.#context.fillStyle = colour("quiet");
    this.#context.fillRect(Math.round(this.#x(sample.at, width)), PAD.top, 1, height - PAD.top - PAD.bottom);
  }

  /**
   * The sample nearest to the pointer, or the newest if the pointer is elsewhere.
   *
   * @param {number} width
   */
  #sampleAtPointer(width) {
    if (Number.isNaN(this.#pointer)) return this.#samples.at(-1);
    /** @type {Sample | undefined} */
    let nearest;
    let distance = Infinity;
    for (const sample of this.#samples) {
      const away = Math.abs(this.#x(sample.at, width) - this.#pointer);
      if (away < distance) [nearest, distance] = [sample, away];
    }
    return nearest;
  }

  /** @param {number} width */
  #writeLegend(width) {
    const sample = this.#sampleAtPointer(width);
    const pointing = sample && !Number.isNaN(this.#pointer);
    write(this.#time, pointing ? new Date(sample.at).toLocaleTimeString("en-GB") : "");
    const shown = this.#series.map(({ label, colour: name, read, quiet }) => {
      const value = sample ? read(sample) : NaN;
      return { label, name, quiet: quiet === true, text: Number.isNaN(value) ? NONE : this.#options.format(value) };
    });
    // The text for a chart without series stands in an item of its own, as if there were one.
    const isEmpty = this.#legend.firstElementChild?.className === "quiet";
    if (isEmpty || this.#legend.children.length !== shown.length) {
      const items = shown.map(() => make("li", {}, make("i"), make("span"), make("b")));
      this.#legend.replaceChildren(...(items.length > 0 ? items : [make("li", { class: "quiet" }, this.#options.empty ?? "")]));
    }
    shown.forEach(({ label, name, quiet, text }, index) => {
      const [swatch, words, value] = this.#legend.children[index].children;
      const wanted = `swatch ${name}${quiet ? " faded" : ""}`;
      if (swatch.className !== wanted) swatch.className = wanted;
      write(words, label);
      write(value, text);
    });
    const summary = shown.map(({ label, text }) => `${label} ${text}`).join(", ");
    this.#canvas.setAttribute("aria-label", `${this.#options.title}: ${summary || (this.#options.empty ?? "")}`);
  }
}
