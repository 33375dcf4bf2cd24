/**
 * The dialog that asks for a ban's target, time and reason.
 * @module
 */

/** @typedef {import("../data/api.js").NewBan} NewBan */
/** @typedef {import("../data/api.js").PlayerLine} PlayerLine */

import { byId, inputById, make, write } from "./elements.js";

/** The times that a ban can have, in seconds; 0 for no end. @type {[label: string, seconds: number][]} */
const TIMES = [
  ["an hour", 3600],
  ["a day", 86_400],
  ["a week", 7 * 86_400],
  ["30 days", 30 * 86_400],
  ["good", 0],
];

/**
 * Asks how to ban a player. Resolves to the ban if confirmed, and to undefined if cancelled.
 *
 * @param {PlayerLine} player
 * @param {string} who the player, for people
 * @returns {Promise<NewBan | undefined>}
 */
export function askForBan({ account, address }, who) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("ban"));
  const [target, time] = ["ban-target", "ban-time"].map((id) => /** @type {HTMLSelectElement} */ (byId(id)));
  const reason = inputById("ban-reason");
  write(byId("ban-title"), `Ban ${who}?`);
  const ofAccount = account === null ? [] : [make("option", { value: `account:${account}` }, `the account ${account}`)];
  target.replaceChildren(...ofAccount, make("option", { value: address }, `the address ${address}`));
  time.replaceChildren(...TIMES.map(([label, seconds]) => make("option", { value: seconds }, label)));
  reason.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  reason.focus();
  byId("ban-no").onclick = () => dialog.close("");
  return new Promise((resolve) => {
    const answer = () => {
      const seconds = Number(time.value);
      const ban = { target: target.value, reason: reason.value.trim(), ...(seconds > 0 && { seconds }) };
      resolve(dialog.returnValue === "yes" ? ban : undefined);
    };
    dialog.addEventListener("close", answer, { once: true });
  });
}
