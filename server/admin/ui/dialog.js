/**
 * Asking before something is done, and saying what came of it.
 * @module
 */

import { byId, inputById, make, write } from "./elements.js";

const TOAST_MS = 6000;

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text what is going to happen
 * @property {string} yes the button's words
 * @property {string} [label] of a text that is asked for
 */

/**
 * Asks; the text that was typed, if it is to be done.
 *
 * @param {Question} question
 * @returns {Promise<string | undefined>}
 */
export function ask({ title, text, yes, label }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  const input = inputById("confirm-input");
  write(byId("confirm-title"), title);
  write(byId("confirm-text"), text);
  write(byId("confirm-yes"), yes);
  write(byId("confirm-label"), label ?? "");
  byId("confirm-field").hidden = label === undefined;
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  (label === undefined ? byId("confirm-no") : input).focus();
  byId("confirm-no").onclick = () => dialog.close("");
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? input.value.trim() : undefined), {
      once: true,
    });
  });
}

/**
 * Says something for a while.
 *
 * @param {string} text
 * @param {"good" | "bad"} kind
 */
export function toast(text, kind = "good") {
  const item = make("li", { class: kind }, text);
  byId("toasts").append(item);
  setTimeout(() => item.remove(), TOAST_MS);
}

/**
 * Does what was asked for, and says what came of it.
 *
 * @param {() => Promise<unknown>} act
 * @param {string} done
 */
export async function carryOut(act, done) {
  try {
    await act();
    toast(done);
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "bad");
    return false;
  }
}
