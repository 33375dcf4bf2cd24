/**
 * The columns of the inspector's table of players.
 * @module
 */

/** @typedef {import("../data/api.js").PlayerLine} PlayerLine */

import { make, write } from "../ui/elements.js";
import { bytes, count, NONE } from "../ui/format.js";

/**
 * @param {(player: number, name: string) => void} onKick
 * @returns {import("../ui/sortable-table.js").Column<PlayerLine>[]}
 */
export function playerColumns(onKick) {
  return [
    { label: "Seat", numeric: true, by: ({ player }) => player },
    { label: "Name", by: ({ name }) => name || NONE },
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
    { label: "", by: () => "", fixed: true, fill: (cell, { player, name }) => fillKick(cell, player, name, onKick) },
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
 * @param {number} player
 * @param {string} name
 * @param {(player: number, name: string) => void} onKick
 */
function fillKick(cell, player, name, onKick) {
  if (!cell.firstChild) cell.append(make("button", { type: "button", class: "small danger" }, "Kick"));
  const button = /** @type {HTMLButtonElement} */ (cell.firstChild);
  button.setAttribute("aria-label", `Kick ${name || `player ${player}`}`);
  button.onclick = () => onKick(player, name);
}
