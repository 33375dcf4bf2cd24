/** The declaration files of the package, as a project without any other files sees them that installs its tarball. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(CLIENT, "node_modules/typescript/bin/tsc");
const PROJECT = fileURLToPath(new URL("project/", import.meta.url));
const GAMES = fileURLToPath(new URL("../../../games/", import.meta.url));
/** Files of the project that have mistakes, in lines that end in a comment `//!` with a part of the error's text. */
const WRONG = ["wrong-page.js", "wrong.ts"];

/** The project's folder. */
let folder = "";
/** The package's folder in it. */
let installed = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "drumline-types-"));
  installed = join(folder, "node_modules/drumline");
  mkdirSync(installed, { recursive: true });
  const packing = ["pack", "--silent", "--offline", "--pack-destination", folder];
  execFileSync("npm", packing, { cwd: CLIENT, stdio: ["ignore", "ignore", "inherit"] });
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  execFileSync("tar", ["-xzf", join(folder, tarball), "--strip-components=1", "-C", installed]);
  cpSync(PROJECT, folder, { recursive: true });
  for (const game of ["arena", "frontier", "hands"]) {
    cpSync(join(GAMES, game, `${game}.d.ts`), join(folder, "games", `${game}.d.ts`));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
});

after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Compiles the project, and returns the errors as `file:line: text`.
 *
 * @param {Record<string, string>} resolution
 */
function errorsWith(resolution) {
  const compilerOptions = {
    ...resolution,
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts", "*.js", "games"] }));
  const compiling = [TSC, "-p", folder, "--pretty", "false"];
  const { stdout, error } = spawnSync(process.execPath, compiling, { encoding: "utf8", cwd: folder });
  assert.equal(error, undefined);
  // An error's further lines are indented.
  const errors = stdout.trim().split(/\n(?! )/);
  return errors.filter((text) => text !== "").map((text) => text.replace(/^(.*?)\((\d+),\d+\)/s, "$1:$2"));
}

/** The lines with mistakes, as `file:line`, with a part of the error's text. */
function mistakes() {
  const lines = WRONG.flatMap((file) =>
    readFileSync(join(PROJECT, file), "utf8")
      .split("\n")
      .map((line, index) => ({ place: `${file}:${index + 1}`, text: line.split("; //! ")[1] })),
  );
  return new Map(lines.filter(({ text }) => text !== undefined).map(({ place, text }) => [place, text]));
}

for (const resolution of [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
]) {
  test(`with ${resolution.moduleResolution}, correct uses compile, and each mistake is an error that names it`, () => {
    const expected = mistakes();
    assert(expected.size > 45);
    const found = new Map(errorsWith(resolution).map((error) => [error.split(": ")[0], error]));
    const unexpected = [...found].filter(([place]) => !expected.has(place)).map(([, error]) => error);
    assert.deepEqual(unexpected, []);
    const missed = [...expected].filter(([place, text]) => !found.get(place)?.includes(text));
    assert.deepEqual(missed.map(([place, text]) => `${place} should name ${text}: ${found.get(place)}`), []);
  });
}

/** The declaration files of the package, by their path. */
function declarations() {
  const paths = readdirSync(join(installed, "types"), { recursive: true, encoding: "utf8" }).map((path) => join("types", path));
  const texts = paths.filter((path) => path.endsWith(".d.ts")).map((path) => /** @type {const} */ ([path, textOf(path)]));
  assert(texts.length > 10);
  return new Map(texts);
}

/** The text of a file of the package, without comments. @param {string} path */
function textOf(path) {
  return readFileSync(join(installed, path), "utf8").replaceAll(/\/\*.*?\*\//gs, "");
}

test("the package has its declaration files, and no others", () => {
  const files = declarations();
  const reached = new Set([join("types", "drumline.d.ts")]);
  for (const path of reached) {
    const text = files.get(path);
    assert(text !== undefined, `there is no ${path}`);
    for (const [, target] of text.matchAll(/(?:\bfrom |\bimport\(|^import )"(.+?)"/gm)) {
      assert.match(target, /^\.{1,2}\/.*\.js$/, `${path} refers to another package`);
      reached.add(join(dirname(path), target.replace(/\.js$/, ".d.ts")));
    }
    const { sources } = JSON.parse(readFileSync(join(installed, `${path}.map`), "utf8"));
    for (const source of sources) {
      const file = join(installed, dirname(path), source);
      assert(existsSync(file) && relative(installed, file).startsWith("src"), `${path} is made of ${source}, which is missing`);
    }
  }
  assert.deepEqual([...reached].sort(), [...files.keys()].sort());
  for (const internal of ["wire", "codec", "mirror", "clock"]) {
    assert(![...files.keys()].some((path) => path.startsWith(join("types", internal))), `${internal} is not public`);
  }
});

test("the declarations have no `any` but for games of unknown types, and for the timers of different platforms", () => {
  const found = [...declarations()].filter(([, text]) => /\bany\b/.test(text.replaceAll("= any", ""))).map(([path]) => path);
  assert.deepEqual(found.sort(), ["types/base/game.d.ts", "types/base/timers.d.ts"]);
});
