// Prints the hashes of seeded runs in WebAssembly, as the program `frame-hashes` prints them natively:
// node frame-hashes.js MODULE SEED TICKS GAME…

import { readFile } from "node:fs/promises";

const REPORT_TICKS = 1000;

const [path, seed, ticks, ...games] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(path));
const { start, advance } = instance.exports;

for (const [number, game] of games.entries()) {
  start(number, Number(seed));
  const hashes = Array.from({ length: Number(ticks) / REPORT_TICKS }, () =>
    BigInt.asUintN(64, advance(REPORT_TICKS)).toString(16).padStart(16, "0"),
  );
  process.stdout.write(`${[game, ...hashes].join(" ")}\n`);
}
