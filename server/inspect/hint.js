/** How to give a game a page of its own. */

import { byId, write } from "./elements.js";

/**
 * Writes the example for the game that the address names, or for the first one. The server shows this page at `/` only for a game
 * without a page: then the example is open.
 *
 * @param {readonly { name: string }[]} games
 */
export function fillHint(games) {
  const game = new URLSearchParams(location.search).get("game") ?? games[0]?.name ?? "pushing";
  const type = typeOf(game);
  const hasNoPage = location.pathname === "/";
  const title = hasNoPage ? `The game ${game} has no page yet. This is how to add one.` : "How to add a page to a game";
  write(byId("hint-title"), title);
  write(byId("hint-rust"), `Server::new()\n    .game::<${type}>()\n    .page_from::<${type}>("page")\n    .run()`);
  write(byId("hint-html"), pageOf(game, type));
  write(byId("hint-script"), scriptOf(game));
  if (hasNoPage && byId("room").hidden) /** @type {HTMLDetailsElement} */ (byId("hint")).open = true;
}

/** The type of a game by Rust's convention, `MyGame2` of `my-game2`. @param {string} game */
function typeOf(game) {
  const words = game.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/**
 * @param {string} game
 * @param {string} title
 */
function pageOf(game, title) {
  return [
    "<!doctype html>",
    '<meta charset="utf-8">',
    `<title>${title}</title>`,
    `<base href="/games/${game}/">`,
    "<canvas></canvas>",
    '<script type="module" src="main.js"></script>',
  ].join("\n");
}

/** @param {string} game */
function scriptOf(game) {
  return [
    'import { join } from "/client/drumline.js";',
    "",
    `const room = await join("", { game: "${game}" });`,
    "requestAnimationFrame(function draw(now) {",
    "  const { tables } = room.view(now); // draw these",
    "  requestAnimationFrame(draw);",
    "});",
  ].join("\n");
}
