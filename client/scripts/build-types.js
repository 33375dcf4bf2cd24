/**
 * Writes the declaration files of the package into `types`: that of `src/drumline.js`, and those that it refers to. The compiler
 * writes one for every file that is imported; those of the inner layers are removed, since they are not public.
 */

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TYPES = join(ROOT, "types");

/**
 * The files that a declaration file refers to.
 *
 * @param {string} path
 */
function importsOf(path) {
  // Comments repeat the imports, also those that only internal declarations needed.
  const text = readFileSync(path, "utf8").replaceAll(/\/\*.*?\*\//gs, "");
  const found = [...text.matchAll(/(?:\bfrom |\bimport\(|^import )"(\.[^"]+)\.js"/gm)];
  return found.map(([, target]) => join(dirname(path), `${target}.d.ts`));
}

rmSync(TYPES, { recursive: true, force: true });
execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", join(ROOT, "tsconfig.types.json")], {
  stdio: "inherit",
});

const kept = new Set([join(TYPES, "drumline.d.ts")]);
// A set can grow while it is walked.
for (const path of kept) {
  importsOf(path).forEach((target) => kept.add(target));
}
const entries = readdirSync(TYPES, { recursive: true, withFileTypes: true }).map((entry) => ({
  path: join(entry.parentPath, entry.name),
  folder: entry.isDirectory(),
}));
for (const { path } of entries.filter(({ path, folder }) => !folder && !kept.has(path.replace(/\.map$/, "")))) {
  rmSync(path);
}
for (const { path } of entries.filter(({ path, folder }) => folder && readdirSync(path).length === 0)) {
  rmdirSync(path);
}
