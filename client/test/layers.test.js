/** The order of the client's folders: imports go downwards only, and never in a circle. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

/** Folders of `src`, lowest first. A file imports from its own folder and from those before it; the files above them from all. */
const LAYERS = [
  "base",
  "wire",
  "schema",
  "codec",
  "mirror",
  "messages",
  "network",
  "clock",
  "view",
  "input",
  "prediction",
  "lobby",
  "connection",
];

/** Files that a folder may hold: more are hard to survey. */
const MAX_FILES = 15;

const ROOT = new URL("../", import.meta.url);

/** @param {string} folder @returns {string[]} the paths of all files in it, relative to the package */
function filesIn(folder) {
  return readdirSync(new URL(`${folder}/`, ROOT), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}

/**
 * The files that a file imports, for values or for types.
 *
 * @param {string} path
 * @param {string} text
 */
function importsOf(path, text) {
  const found = [...text.matchAll(/(?:\bfrom |\bimport\(|^import )"(\.[^"]+)"/gm)];
  return found.map(([, target]) => posix.join(posix.dirname(path), target));
}

/**
 * The layer of a file of `src`. Files that lie in no folder are above all layers.
 *
 * @param {string} path
 */
function layerOf(path) {
  const folder = path.split("/").slice(1, -1).join("/");
  const layer = LAYERS.indexOf(folder);
  assert(folder === "" || layer >= 0, `${path}: the folder ${folder} is in no layer; add it to LAYERS`);
  return folder === "" ? LAYERS.length : layer;
}

/**
 * Imports that go upwards, and circles.
 *
 * @param {Map<string, string[]>} imports each file's
 */
function findings(imports) {
  const found = [];
  for (const [path, targets] of imports) {
    for (const target of targets.filter((target) => layerOf(target) > layerOf(path))) {
      found.push(`${path} imports ${target}, which is in a later layer: move what they share down`);
    }
  }
  const done = new Set();
  const visit = (/** @type {string} */ path, /** @type {string[]} */ way) => {
    if (way.includes(path)) {
      found.push(`a circle of imports: ${[...way.slice(way.indexOf(path)), path].join(" -> ")}`);
    } else if (!done.has(path)) {
      (imports.get(path) ?? []).forEach((target) => visit(target, [...way, path]));
      done.add(path);
    }
  };
  [...imports.keys()].forEach((path) => visit(path, []));
  return found;
}

test("imports go downwards only, and in no circle", () => {
  const texts = filesIn("src").map((path) => /** @type {const} */ ([path, readFileSync(new URL(path, ROOT), "utf8")]));
  assert(texts.length > 50);
  assert.deepEqual(findings(new Map(texts.map(([path, text]) => [path, importsOf(path, text)]))), []);
});

test("an import that goes upwards and a circle are found", () => {
  const upwards = importsOf("src/codec/row.js", '/** @import { View } from "../view/view.js" */\n');
  assert.deepEqual(upwards, ["src/view/view.js"]);
  const found = findings(new Map([["src/codec/row.js", upwards]])).join();
  assert.match(found, /row.js imports src\/view\/view.js, which is in a later/);
  const circle = new Map([
    ["src/codec/row.js", importsOf("src/codec/row.js", 'import { read } from "./delta.js";\n')],
    ["src/codec/delta.js", importsOf("src/codec/delta.js", '/** @typedef {import("./row.js").Row} Row */\n')],
  ]);
  assert.match(findings(circle).join(), /row.js -> src\/codec\/delta.js -> src\/codec\/row.js/);
});

test(`no folder holds more than ${MAX_FILES} files`, () => {
  for (const top of ["src", "test", "browser"]) {
    const folders = filesIn(top).map((path) => posix.dirname(path));
    for (const folder of new Set(folders)) {
      const count = folders.filter((other) => other === folder).length;
      assert(count <= MAX_FILES, `${folder} holds ${count} files: split it`);
    }
  }
});
