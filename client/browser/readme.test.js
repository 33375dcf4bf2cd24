/** README's own game, built outside of this workspace as it stands there, and played by two pages. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBrowser } from "./support/harness.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** @type {string} */
let folder;
/** @type {import("node:child_process").ChildProcess} */
let server;
/** @type {string} */
let url;
/** @type {import("playwright-core").Browser} */
let browser;

/** The section's blocks of code, by language, each without its last line break. */
async function blocks() {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const section = readme.split("## Write your own game")[1]?.split("\n## ")[0] ?? "";
  const found = [...section.matchAll(/```(\w+)[^\n]*\n(.*?)\n```/gs)];
  return new Map(found.map(([, language, code]) => [language, code ?? ""]));
}

/** Lines that are not empty. */
const lines = (/** @type {string} */ code) => code.split("\n").filter((line) => line.trim() !== "").length;

before(async () => {
  const code = await blocks();
  const [cargo, rust, html, js] = ["toml", "rust", "html", "js"].map((language) => {
    const block = code.get(language);
    assert.ok(block, `README has a block of ${language}`);
    return block;
  });
  assert.ok(lines(rust) <= 25, `${lines(rust)} lines of game`);
  assert.ok(lines(html) + lines(js) <= 15, `${lines(html) + lines(js)} lines of page`);
  folder = await mkdtemp(join(tmpdir(), "pushing-"));
  await mkdir(join(folder, "src"));
  await mkdir(join(folder, "page"));
  await writeFile(join(folder, "Cargo.toml"), cargo.replace("../drumline/server", join(ROOT, "server")));
  await writeFile(join(folder, "src/main.rs"), rust);
  await writeFile(join(folder, "page/index.html"), html);
  await writeFile(join(folder, "page/main.js"), js);
  // The versions of dependencies are those of this workspace, and so is how they are compiled: most of them are built already.
  await copyFile(join(ROOT, "Cargo.lock"), join(folder, "Cargo.lock"));
  const workspace = await readFile(join(ROOT, "Cargo.toml"), "utf8");
  await mkdir(join(folder, ".cargo"));
  await writeFile(join(folder, ".cargo/config.toml"), workspace.slice(workspace.indexOf("[profile.dev]")));
  const target = join(ROOT, "target");
  const build = spawn("cargo", ["build", "--target-dir", target], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  build.stderr.on("data", (text) => (errors += text));
  const [status] = await once(build, "exit");
  assert.equal(status, 0, errors);
  server = spawn(join(target, "debug/pushing"), ["--bind", "127.0.0.1:0"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface(/** @type {import("node:stream").Readable} */ (server.stdout)), "line");
  url = /^drumline listening on (\S+)$/.exec(line)?.[1] ?? "";
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  server?.kill("SIGINT");
  await rm(folder, { recursive: true });
});

/** True if something is drawn around a point of a page's field. @param {import("playwright-core").Page} page */
const isDrawn = (page, /** @type {[number, number, number, number]} */ [x, y, width, height]) =>
  page.waitForFunction(
    ([x = 0, y = 0, width = 0, height = 0]) => {
      const context = document.querySelector("canvas")?.getContext("2d");
      return context?.getImageData(x, y, width, height).data.some((value) => value > 0);
    },
    [x, y, width, height],
  );

test("two pages of README's game see each other move", async () => {
  const pages = await Promise.all([browser.newPage(), browser.newPage()]);
  for (const page of pages) {
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(url);
    await isDrawn(page, [240, 240, 20, 20]);
  }
  const [one, other] = pages;
  assert.ok(one && other);
  await one.keyboard.down("ArrowRight");
  await isDrawn(other, [400, 240, 95, 20]);
  await one.keyboard.up("ArrowRight");
  await other.keyboard.down("ArrowUp");
  await isDrawn(one, [240, 5, 20, 95]);
  await other.keyboard.up("ArrowUp");
});
