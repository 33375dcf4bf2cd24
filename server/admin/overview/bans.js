/**
 * The overview's list of bans, from which they can be lifted. It is hidden while there is none.
 * @module
 */

/** @typedef {import("../data/api.js").Api} Api */
/** @typedef {import("../data/api.js").Ban} Ban */

import { runAction } from "../ui/dialog.js";
import { byId, make, write } from "../ui/elements.js";
import { duration, NONE } from "../ui/format.js";
import { SortableTable } from "../ui/sortable-table.js";

export class BanList {
  #api;
  #table;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    this.#table = new SortableTable(byId("bans"), {
      caption: "Bans",
      columns: [
        { label: "Address or account", by: ({ target }) => target },
        { label: "Reason", by: ({ reason }) => reason || NONE },
        { label: "Ends", by: (ban) => ban.seconds_left ?? Infinity, fill: (cell, ban) => write(cell, endOf(ban)) },
        { label: "", by: () => "", fixed: true, fill: (cell, ban) => this.#fillLift(cell, ban) },
      ],
      key: (/** @type {Ban} */ { target }) => target,
      sort: { column: 0, descending: false },
      empty: "Nobody is banned.",
    });
  }

  /** Shows the bans as they are now. */
  async refresh() {
    const bans = await this.#api.bans();
    byId("bans-section").hidden = bans.length === 0;
    this.#table.show(bans);
  }

  /**
   * @param {HTMLTableCellElement} cell
   * @param {Ban} ban
   */
  #fillLift(cell, { target, configured }) {
    if (configured) {
      write(cell, "by the configuration");
      return;
    }
    if (!cell.querySelector("button")) cell.replaceChildren(make("button", { type: "button", class: "small" }, "Lift"));
    const button = /** @type {HTMLButtonElement} */ (cell.firstChild);
    button.setAttribute("aria-label", `Lift the ban of ${target}`);
    button.onclick = async () => {
      if (await runAction(() => this.#api.lift(target), `Lifted the ban of ${target}.`)) await this.refresh();
    };
  }
}

/** @param {Ban} ban */
function endOf({ seconds_left: left }) {
  return left === null ? "never" : `in ${duration(left)}`;
}
