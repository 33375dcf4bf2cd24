/** The order of the pages' folders: imports go downwards only, and never in a circle. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const ROOT = new URL("../../../", import.meta.url);

/** Folders of each page, lowest first. Files outside a folder are above them all. */
const PAGES = {
  "games/kit/page": ["ui", "world", "drawing", "prediction", "input", "hud", "lobby"],
  "games/arena/page": ["game", "drawing", "hud"],
  "games/frontier/page": ["game", "drawing", "hud"],
  "games/hands/page": ["game", "drawing", "hud"],
  "server/admin": ["data", "ui", "charts", "overview", "inspector"],
  "server/inspect": [],
};

const MAX_FILES = 15;

/** Paths of a page's scripts, relative to the page. @param {string} page */
function scriptsOf(page) {
  const entries = readdirSync(new URL(`${page}/`, ROOT), { recursive: true, encoding: "utf8" });
  return entries.filter((path) => path.endsWith(".js"));
}

/**
 * The files of the same page that a file imports, for values or for types.
 *
 * @param {string} path
 * @param {string} text
 */
function importsOf(path, text) {
  const found = [...text.matchAll(/(?:\bfrom |\bimport\(|^import )"(\.[^"]+)"/gm)];
  const targets = found.map(([, target]) => posix.join(posix.dirname(path), target));
  return targets.filter((target) => !target.startsWith(".."));
}

/**
 * Imports that go upwards, and circles.
 *
 * @param {readonly string[]} layers
 * @param {Map<string, string[]>} imports by file
 */
function findings(layers, imports) {
  const layerOf = (/** @type {string} */ path) => {
    const folder = posix.dirname(path);
    assert(folder === "." || layers.includes(folder), `${path}: add the folder ${folder} to PAGES`);
    return folder === "." ? layers.length : layers.indexOf(folder);
  };
  const found = [...imports].flatMap(([path, targets]) =>
    targets.filter((target) => layerOf(target) > layerOf(path)).map((target) => `${path} imports ${target} of a later layer`),
  );
  const done = new Set();
  const visit = (/** @type {string} */ path, /** @type {string[]} */ trail) => {
    if (trail.includes(path)) found.push(`a circle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`);
    else if (!done.has(path)) (imports.get(path) ?? []).forEach((target) => visit(target, [...trail, path]));
    done.add(path);
  };
  [...imports.keys()].forEach((path) => visit(path, []));
  return found;
}

for (const [page, layers] of Object.entries(PAGES)) {
  test(`the modules of ${page} import downwards only, and in no circle`, () => {
    const paths = scriptsOf(page);
    const read = (/** @type {string} */ path) => readFileSync(new URL(`${page}/${path}`, ROOT), "utf8");
    assert.deepEqual(findings(layers, new Map(paths.map((path) => [path, importsOf(path, read(path))]))), []);
    for (const folder of new Set(paths.map(posix.dirname))) {
      const count = paths.filter((path) => posix.dirname(path) === folder).length;
      assert(count <= MAX_FILES, `${page}/${folder} holds ${count} files`);
    }
  });
}

test("an upward import and a circle are found", () => {
  const layers = ["ui", "hud"];
  const upward = new Map([["ui/elements.js", importsOf("ui/elements.js", 'import { Chat } from "../hud/chat.js";\n')]]);
  assert.match(findings(layers, upward).join(), /elements.js imports hud\/chat.js of a later layer/);
  const circle = new Map([
    ["hud/chat.js", ["hud/invite.js"]],
    ["hud/invite.js", ["hud/chat.js"]],
  ]);
  assert.match(findings(layers, circle).join(), /chat.js -> hud\/invite.js -> hud\/chat.js/);
});
