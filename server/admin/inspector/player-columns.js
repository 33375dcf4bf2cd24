/**
 * The columns of the inspector's table of players.
 * @module
 */

/** @typedef {import("../data/api.js").PlayerLine} PlayerLine */

import { make, write } from "../ui/elements.js";
import { bytes, count, NONE } from "../ui/format.js";

/** @typedef {{ label: string, act: (player: PlayerLine) => void }} Action an operator's button for a player */

/**
 * @param {Action[]} actions
 * @returns {import("../ui/sortable-table.js").Column<PlayerLine>[]}
 */
export function playerColumns(actions) {
  return [
    { label: "Seat", numeric: true, by: ({ seat }) => seat },
    { label: "Name", by: ({ name }) => name || NONE },
    { label: "Address", by: ({ address }) => address },
    {
      label: "Link",
      title: "Connection of the player",
      by: ({ connected }) => (connected ? "up" : "lost"),
      fill: (cell, { connected }) => fillConnection(cell, connected),
    },
    {
      label: "Slack",
      numeric: true,
      title: "Ticks by which the last input was early; negative if it was late",
      by: (player) => player.slack_ticks ?? -999,
      fill: (cell, player) => write(cell, player.slack_ticks === null ? NONE : String(player.slack_ticks)),
    },
    {
      label: "Late",
      numeric: true,
      title: "Inputs that arrived after their tick",
      by: ({ late }) => late,
      fill: (cell, { late }) => write(cell, count(late)),
    },
    {
      label: "Dropped",
      numeric: true,
      title: "Inputs dropped for any reason",
      by: ({ dropped }) => dropped,
      fill: (cell, { dropped }) => write(cell, count(dropped)),
    },
    {
      label: "Behind",
      numeric: true,
      title: "Ticks sent but not yet acknowledged",
      by: (player) => player.unacked_ticks,
    },
    {
      label: "Budget",
      numeric: true,
      title: "Byte limit of a snapshot; it shrinks while the player lags",
      by: (player) => player.budget_bytes,
      fill: (cell, player) => write(cell, bytes(player.budget_bytes)),
    },
    { label: "", by: () => "", fixed: true, fill: (cell, player) => fillActions(cell, player, actions) },
  ];
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {boolean} connected
 */
function fillConnection(cell, connected) {
  const badge = cell.firstElementChild ?? cell.appendChild(make("span", { class: "badge" }));
  badge.setAttribute("data-state", connected ? "open" : "lost");
  write(badge, connected ? "up" : "lost");
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {PlayerLine} player
 * @param {Action[]} actions
 */
function fillActions(cell, player, actions) {
  if (!cell.firstChild) {
    cell.className = "row-actions";
    cell.append(...actions.map(({ label }) => make("button", { type: "button", class: "small danger" }, label)));
  }
  actions.forEach(({ label, act }, index) => {
    const button = /** @type {HTMLButtonElement} */ (cell.children[index]);
    button.setAttribute("aria-label", `${label} ${player.name || `player ${player.player}`}`);
    button.onclick = () => act(player);
  });
}
