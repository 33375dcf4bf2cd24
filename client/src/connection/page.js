/** The life of a page, as far as it matters to a connection. */

/**
 * The source of a page's events: its `window`.
 *
 * @typedef {EventTarget & { document?: EventTarget & { readonly visibilityState: string } }} WindowEvents
 */

/**
 * @typedef {object} PageListener
 * @property {() => void} online the network is back
 * @property {() => void} visible the page is visible again
 * @property {() => void} asleep the page is put aside: no code of it runs until it wakes up, and perhaps it never does
 * @property {() => void} awake the page is back
 */

/**
 * Listens to a page. A browser that puts a page aside, to show it again on the way back to it, or to save energy, first says so,
 * and may drop a page whose connection stays open. A page that goes for good is not put aside: the browser closes its connection
 * with code 1001, which no script can send.
 *
 * @internal
 * @param {WindowEvents | undefined} window
 * @param {PageListener} listener
 * @param {AbortSignal} signal ends it
 */
export function watchPage(window, { online, visible, asleep, awake }, signal) {
  const isCached = (/** @type {Event} */ event) => "persisted" in event && event.persisted === true;
  window?.addEventListener("online", online, { signal });
  window?.addEventListener("pagehide", (event) => isCached(event) && asleep(), { signal });
  window?.addEventListener("pageshow", (event) => isCached(event) && awake(), { signal });
  const document = window?.document;
  document?.addEventListener("visibilitychange", () => document.visibilityState === "visible" && visible(), { signal });
  document?.addEventListener("freeze", asleep, { signal });
  document?.addEventListener("resume", awake, { signal });
}
