/**
 * Graphs of the connection's statistics over the last ten seconds. F3 shows and hides them.
 * @module
 */

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {Partial<Record<string, number>>} Stats `room.stats`; a missing figure is not drawn. */

const SAMPLE_MS = 50;
const SAMPLES = 200;
const GRID_SAMPLES = 40;
const TEXT = "#e8eefc";
const QUIET = "#a4b2d0";
const DANGER = "#ff4d5e";

/** In CSS pixels. */
const PAD = 10;
const GRAPH = { left: PAD, width: 168, height: 24 };
const TEXT_LEFT = GRAPH.left + GRAPH.width + 10;
const WIDTH = TEXT_LEFT + 124;
const ROW = 34;
/** CSS pixels between two samples. */
const STEP = GRAPH.width / (SAMPLES - 1);

/**
 * One graph, with its newest value as text.
 * @typedef {object} Figure
 * @property {string} label
 * @property {string} colour
 * @property {number} minMax The smallest maximum of the scale.
 * @property {(now: Stats, before: Stats) => number | undefined} read
 * @property {(value: number, now: Stats) => string} text
 * @property {boolean} [signed] True if the value may be negative; negative values are shown in red.
 */

const milliseconds = (/** @type {number} */ value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const increase = (/** @type {number | undefined} */ now, /** @type {number | undefined} */ before) =>
  now === undefined ? undefined : Math.max(0, now - (before ?? now));

/** @type {readonly Figure[]} */
const FIGURES = [
  { label: "ping", colour: "#7df3ff", minMax: 50, read: ({ pingMs }) => pingMs, text: milliseconds },
  { label: "jitter", colour: "#6ea8ff", minMax: 20, read: ({ jitterMs }) => jitterMs, text: milliseconds },
  {
    label: "interpolation delay",
    colour: "#b08cff",
    minMax: 100,
    read: ({ interpolationDelayMs }) => interpolationDelayMs,
    text: milliseconds,
  },
  {
    label: "input slack",
    colour: "#5ef0c0",
    minMax: 4,
    signed: true,
    read: ({ slackTicks }) => slackTicks,
    text: (value, { leadTicks }) => (leadTicks === undefined ? `${value} ticks` : `${value} of ${leadTicks.toFixed(1)} ticks`),
  },
  {
    label: "prediction error",
    colour: "#ff8fb1",
    minMax: 1,
    read: ({ predictionError }) => predictionError,
    text: (value) => value.toFixed(2),
  },
  {
    label: "bytes per update",
    colour: "#ffd166",
    minMax: 100,
    read: (now, before) => {
      const updates = increase(now.snapshots, before.snapshots);
      return updates ? (increase(now.bytes, before.bytes) ?? NaN) / updates : undefined;
    },
    text: (value) => `${Math.round(value)} B`,
  },
  {
    label: "areas skipped",
    colour: "#ffa45c",
    minMax: 4,
    read: ({ areasSkipped }) => areasSkipped,
    text: (value, { areas }) => `${value} of ${areas ?? "–"}`,
  },
  {
    label: "ticks skipped",
    colour: "#ff7c6b",
    minMax: 4,
    read: (now, before) => increase(now.ticksSkipped, before.ticksSkipped),
    text: (_, { ticksSkipped }) => `${ticksSkipped} total`,
  },
];

const HEIGHT = PAD * 2 + ROW * FIGURES.length + 16;

/** A figure's last values, in a ring buffer; NaN where there is no value. */
class Trace {
  figure;
  values = new Float32Array(SAMPLES).fill(NaN);
  newest = NaN;

  /** @param {Figure} figure */
  constructor(figure) {
    this.figure = figure;
  }

  /**
   * @param {number} at
   * @param {number | undefined} value Undefined repeats the last value.
   */
  record(at, value) {
    this.newest = value ?? this.newest;
    this.values[at] = this.newest;
  }
}

export class NetworkGraph {
  #canvas = document.createElement("canvas");
  #context;
  /** @type {Room | null} */
  #room = null;
  /** @type {Stats} */
  #before = {};
  #traces = FIGURES.map((figure) => new Trace(figure));
  /** 1 for each sample taken while disconnected. */
  #lost = new Uint8Array(SAMPLES);
  /** The index of the next sample in the ring buffers. */
  #next = 0;
  #sampledAt = 0;

  constructor() {
    const context = this.#canvas.getContext("2d");
    if (!context) throw new Error("this browser cannot draw on a canvas");
    this.#context = context;
    this.#canvas.id = "netgraph";
    this.#canvas.hidden = true;
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", "Connection statistics of the last ten seconds");
    this.#canvas.style.width = `${WIDTH}px`;
    this.#canvas.style.height = `${HEIGHT}px`;
    document.body.append(this.#canvas);
    window.addEventListener("keydown", (event) => this.#press(event));
  }

  /** @param {Room} room */
  watch(room) {
    this.#room = room;
    this.#before = {};
    this.#traces = FIGURES.map((figure) => new Trace(figure));
    this.#lost.fill(0);
    room.on("close", () => {
      this.#room = null;
      this.#canvas.hidden = true;
    });
  }

  /** @param {number} now In milliseconds. */
  frame(now) {
    if (!this.#room || now - this.#sampledAt < SAMPLE_MS) return;
    // Sample at an even pace; samples missed while the page was hidden are left out.
    this.#sampledAt = now - this.#sampledAt < 2 * SAMPLE_MS ? this.#sampledAt + SAMPLE_MS : now;
    this.#sample(this.#room);
    if (!this.#canvas.hidden) this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.code !== "F3" || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !this.#room) return;
    event.preventDefault();
    this.#canvas.hidden = !this.#canvas.hidden;
    if (!this.#canvas.hidden) this.#draw();
  }

  /** @param {Room} room */
  #sample(room) {
    const stats = /** @type {Stats} */ (/** @type {unknown} */ (room.stats));
    for (const trace of this.#traces) trace.record(this.#next, trace.figure.read(stats, this.#before));
    this.#lost[this.#next] = Number(!room.connected);
    this.#before = { ...stats };
    this.#next = (this.#next + 1) % SAMPLES;
  }

  #draw() {
    const context = this.#context;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (this.#canvas.width !== Math.round(WIDTH * ratio)) {
      this.#canvas.width = Math.round(WIDTH * ratio);
      this.#canvas.height = Math.round(HEIGHT * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.font = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
    context.lineJoin = "round";
    this.#drawGrid();
    this.#traces.forEach((trace, row) => this.#drawTrace(trace, PAD + row * ROW));
    const { resumes = 0, resumeMs = 0, inputsMissed = 0 } = this.#before;
    const last = resumes > 0 ? ` (last: ${milliseconds(resumeMs)})` : "";
    this.#write(`resumed ${resumes}×${last} · inputs missed: ${inputsMissed}`, HEIGHT - PAD, QUIET, PAD);
  }

  /** Draws a line every two seconds, which scrolls with the samples, and shades the time spent disconnected. */
  #drawGrid() {
    const context = this.#context;
    const height = ROW * FIGURES.length;
    context.fillStyle = "rgb(125 170 255 / 0.08)";
    for (let at = 0; at < SAMPLES; at += GRID_SAMPLES) {
      context.fillRect(GRAPH.left + this.#offset(at) * STEP, PAD, 1, height);
    }
    context.fillStyle = "rgb(255 77 94 / 0.3)";
    for (let at = 0; at < SAMPLES; at++) {
      if (this.#lost[at] === 1) context.fillRect(GRAPH.left + this.#offset(at) * STEP - STEP, PAD, STEP, height);
    }
  }

  /**
   * The number of samples between the oldest one and the one at an index.
   * @param {number} at
   */
  #offset(at) {
    return (at - this.#next + SAMPLES) % SAMPLES;
  }

  /**
   * @param {Trace} trace
   * @param {number} top
   */
  #drawTrace({ figure, values, newest }, top) {
    const context = this.#context;
    let [lowest, highest] = [0, figure.minMax];
    for (const value of values) {
      if (value > highest) highest = value;
      if (value < lowest) lowest = value;
    }
    highest = roundUp(highest);
    lowest = -roundUp(-lowest);
    const bottom = top + (ROW + GRAPH.height) / 2;
    const scale = GRAPH.height / (highest - lowest);
    const zero = bottom + lowest * scale;

    context.fillStyle = "rgb(125 170 255 / 0.18)";
    context.fillRect(GRAPH.left, zero, GRAPH.width, 1);
    const line = new Path2D();
    let drawing = false;
    for (let age = 0; age < SAMPLES; age++) {
      const value = values[(this.#next + age) % SAMPLES];
      const [x, y] = [GRAPH.left + age * STEP, zero - value * scale];
      if (Number.isNaN(value)) drawing = false;
      else if (drawing) line.lineTo(x, y);
      else line.moveTo(x, y);
      drawing = !Number.isNaN(value);
    }
    context.strokeStyle = figure.colour;
    // A wide faint line under a thin one looks like a glow.
    for (const [width, alpha] of /** @type {const} */ ([[4, 0.25], [1.1, 1]])) {
      context.lineWidth = width;
      context.globalAlpha = alpha;
      context.stroke(line);
    }
    context.globalAlpha = 1;

    this.#write(figure.label, top + 14, QUIET);
    const text = Number.isNaN(newest) ? "–" : figure.text(newest, this.#before);
    const colour = figure.signed && newest < 0 ? DANGER : TEXT;
    this.#write(text, top + 28, colour);
  }

  /**
   * @param {string} text
   * @param {number} y
   * @param {string} colour
   * @param {number} [x]
   */
  #write(text, y, colour, x = TEXT_LEFT) {
    this.#context.fillStyle = colour;
    this.#context.fillText(text, x, y);
  }
}

/**
 * The smallest of 0, 1, 2, 5, 10, 20, … that is not below a value.
 * @param {number} value
 */
function roundUp(value) {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((digit) => digit * power >= value) ?? 10);
}
