/**
 * Measures the time to decode a snapshot: `node client/bench/decode.js FILE [rounds]`.
 *
 * The file is a stream that `cargo run --release -p drumline-benches --bin stream -- FILE` writes: messages, each after its
 * length in four bytes, little-endian; first the welcome, then a player's snapshots. Every round applies them in order to a new
 * mirror (100 rounds by default, and a tenth as many before them to warm up) and times each `Mirror.apply`. The output is one
 * line of JSON, in microseconds.
 */

import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";

import { worldLayout } from "../src/codec/layout.js";
import { readControl } from "../src/messages/control.js";
import { Mirror } from "../src/mirror/mirror.js";
import { allParts, tableStructs } from "../src/view/struct.js";

const [, , file, rounds = "100"] = argv;
if (file === undefined) {
  throw new Error("usage: node client/bench/decode.js FILE [rounds]");
}
const [first, ...snapshots] = messages(readFileSync(file));
const welcome = readControl(first);
if (welcome.type !== "welcome") {
  throw new Error("the stream does not start with a welcome");
}
const layout = worldLayout(allParts(tableStructs(welcome.schema)));

const warmUp = Math.ceil(Number(rounds) / 10);
const times = new Float64Array(snapshots.length * Number(rounds));
for (let round = -warmUp, at = 0; round < Number(rounds); round++) {
  const mirror = new Mirror(layout, 30);
  for (const snapshot of snapshots) {
    const start = performance.now();
    mirror.apply(snapshot);
    const time = (performance.now() - start) * 1000;
    if (round >= 0) {
      times[at++] = time;
    }
  }
}

times.sort();
const quantile = (/** @type {number} */ part) => times[Math.floor(part * (times.length - 1))];
const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
const bytes = snapshots.reduce((sum, { length }) => sum + length, 0) / snapshots.length;
const report = {
  snapshots: snapshots.length,
  rounds: Number(rounds),
  contexts: layout.contexts,
  bytes_mean: places(bytes),
  decode_us_mean: places(mean),
  decode_us_p50: places(quantile(0.5)),
  decode_us_p99: places(quantile(0.99)),
};
stdout.write(`${JSON.stringify(report)}\n`);

/** @param {number} value */
function places(value) {
  return Math.round(value * 100) / 100;
}

/** @param {Uint8Array} stream */
function messages(stream) {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const list = [];
  for (let at = 0; at < stream.length; ) {
    const length = view.getUint32(at, true);
    list.push(stream.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return list;
}
