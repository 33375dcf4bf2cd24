/**
 * The charts of the overview.
 * @module
 */

/** @typedef {import("../data/history.js").History} History */
/** @typedef {import("../data/history.js").Sample} Sample */
/** @typedef {import("./time-chart.js").Series} Series */

import { byId, make } from "../ui/elements.js";
import { bytes, bytesPerSecond, count, microseconds, perSecond, words } from "../ui/format.js";
import { seriesColour } from "../ui/theme.js";
import { TimeChart } from "./time-chart.js";

/** With more shards only the worst and the median one are shown. */
const MAX_SHARD_LINES = 4;
const MAX_CAUSES = 7;
const SPANS = [
  { label: "1 min", ms: 60_000 },
  { label: "10 min", ms: 600_000 },
  { label: "1 h", ms: 3_600_000 },
];

/** Fixed colours of close causes, so that a cause keeps its colour when others appear. */
const CAUSE_COLOURS = new Map(
  ["left", "lost", "silent", "too_slow", "page_gone", "kicked", "server_stopping", "room_closed"].map((cause, index) => [
    cause,
    index,
  ]),
);

/** @typedef {{ chart: TimeChart, series: (samples: Sample[]) => Series[] }} ServerChart */

export class ServerCharts {
  #spanMs = SPANS[0].ms;
  /** @type {History | undefined} */
  #history;
  /** @type {ServerChart[]} */
  #charts = [
    { chart: new TimeChart({ title: "Tick lateness", format: microseconds, minTop: 500 }), series: lateness },
    {
      chart: new TimeChart({ title: "Bandwidth", format: bytesPerSecond, minTop: 1000, filled: true }),
      series: () => [
        { label: "out", colour: seriesColour(0), read: ({ bytesOut }) => bytesOut },
        { label: "in", colour: seriesColour(1), read: ({ bytesIn }) => bytesIn },
      ],
    },
    {
      chart: new TimeChart({ title: "Players", format: count, minTop: 6, filled: true }),
      series: () => [
        { label: "connected", colour: seriesColour(0), read: ({ players }) => players },
        { label: "disconnected, seat held", colour: seriesColour(2), read: ({ held }) => held, quiet: true },
        { label: "spectators", colour: seriesColour(4), read: ({ spectators }) => spectators, quiet: true },
      ],
    },
    { chart: new TimeChart({ title: "Joins and refusals", format: perSecond, minTop: 2, stacked: true }), series: joins },
    {
      chart: new TimeChart({
        title: "Closes by cause",
        format: perSecond,
        minTop: 2,
        stacked: true,
        empty: "No connections closed yet",
      }),
      series: (samples) => causes(samples, ({ closes }) => closes, MAX_CAUSES),
    },
    {
      chart: new TimeChart({ title: "Memory", format: bytes, minTop: 10_000_000, filled: true }),
      series: () => [{ label: "resident", colour: seriesColour(3), read: ({ memory }) => memory }],
    },
  ];

  constructor() {
    byId("charts").append(...this.#charts.map(({ chart }) => chart.element));
    const buttons = SPANS.map(({ label, ms }) => {
      const button = make("button", { type: "button", "aria-pressed": String(ms === this.#spanMs) }, label);
      button.addEventListener("click", () => {
        this.#spanMs = ms;
        buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        if (this.#history) this.show(this.#history);
      });
      return button;
    });
    byId("spans").append(...buttons);
    const redraw = () => this.#history && this.show(this.#history);
    new ResizeObserver(redraw).observe(byId("charts"));
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", redraw);
  }

  /** @param {History} history */
  show(history) {
    this.#history = history;
    const { samples } = history;
    const now = history.newest?.at ?? Date.now();
    for (const { chart, series } of this.#charts) chart.show(series(samples), samples, this.#spanMs, now);
  }
}

/** @param {Sample[]} samples @returns {Series[]} */
function lateness(samples) {
  const shards = samples.at(-1)?.lateness.length ?? 0;
  if (shards > MAX_SHARD_LINES) {
    return [
      {
        label: "p99, worst shard",
        colour: seriesColour(2),
        read: ({ lateness }) => Math.max(...lateness.map(({ p99 }) => p99)),
      },
      { label: "p99, median shard", colour: seriesColour(0), read: ({ lateness }) => median(lateness.map(({ p99 }) => p99)) },
      {
        label: "p50, median shard",
        colour: seriesColour(0),
        read: ({ lateness }) => median(lateness.map(({ p50 }) => p50)),
        quiet: true,
      },
    ];
  }
  return Array.from({ length: shards }, (_, shard) => {
    const colour = seriesColour(shard);
    return [
      { label: `shard ${shard} p99`, colour, read: (/** @type {Sample} */ { lateness }) => lateness[shard]?.p99 ?? NaN },
      { label: "p50", colour, read: (/** @type {Sample} */ { lateness }) => lateness[shard]?.p50 ?? NaN, quiet: true },
    ];
  }).flat();
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** @param {Sample[]} samples @returns {Series[]} */
function joins(samples) {
  const refused = causes(samples, ({ refusals }) => refusals, MAX_CAUSES - 2, 2);
  return [{ label: "joined", colour: seriesColour(0), read: ({ joins }) => joins }, ...refused];
}

/**
 * One series for each cause in the samples. Rare causes are combined into one.
 *
 * @param {Sample[]} samples
 * @param {(sample: Sample) => Record<string, number>} of
 * @param {number} max
 * @param {number} [first] the first colour, for causes without fixed ones
 * @returns {Series[]}
 */
function causes(samples, of, max, first = 0) {
  const newest = samples.at(-1);
  const names = newest ? Object.keys(of(newest)) : [];
  const total = new Map(names.map((name) => [name, samples.reduce((sum, sample) => sum + (of(sample)[name] || 0), 0)]));
  const ranked = [...names].sort((a, b) => (total.get(b) ?? 0) - (total.get(a) ?? 0) || a.localeCompare(b));
  const [common, rare] = [ranked.slice(0, max).sort(), ranked.slice(max)];
  /** @type {Series[]} */
  const series = common.map((name, index) => ({
    label: words(name),
    colour: seriesColour(first > 0 ? first + index : (CAUSE_COLOURS.get(name) ?? index)),
    // Older samples do not have the cause yet.
    read: (sample) => of(sample)[name] ?? 0,
  }));
  if (rare.length > 0) {
    series.push({
      label: "other",
      colour: "quiet",
      read: (sample) => rare.reduce((sum, name) => sum + (of(sample)[name] ?? 0), 0),
    });
  }
  return series;
}
