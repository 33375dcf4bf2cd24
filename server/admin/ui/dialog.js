/**
 * Confirmation dialogs and toasts.
 * @module
 */

import { byId, inputById, make, write } from "./elements.js";

const TOAST_MS = 6000;

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text the consequences
 * @property {string} yes the label of the confirming button
 * @property {string} [label] the label of a text field; without it there is no field
 */

/**
 * Asks for confirmation. Resolves to the text of the field if confirmed, and to undefined if cancelled.
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
 * Shows a message for a few seconds.
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
 * Runs an action and shows a toast with its outcome. Returns true if the action succeeded.
 *
 * @param {() => Promise<unknown>} action
 * @param {string} success the toast's text on success
 */
export async function runAction(action, success) {
  try {
    await action();
    toast(success);
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "bad");
    return false;
  }
}
