/**
 * The invite panel: the room's name, its code and link to share, and a button to leave.
 * @module
 */

import { byId, make, write } from "../ui/elements.js";

/** @typedef {{ game: string, room: string, code?: string }} Place `code`: of a private room. */

const FEEDBACK_MS = 2000;

export class Invite {
  #opener = make("button", { type: "button", class: "tool", id: "invite-open", "aria-expanded": "false" }, "Invite");
  #title = make("h2", { id: "invite-title" });
  #code = make("output", { id: "invite-code", "aria-label": "Room code" });
  #hint = make("p");
  #link = make("input", { id: "invite-link", readonly: true, "aria-label": "Link to this room" });
  #copy = make("button", { type: "button", id: "invite-copy" }, "Copy link");
  #share = make("button", { type: "button", id: "invite-share" }, "Share");
  #panel;

  /** @param {() => void} onLeave */
  constructor(onLeave) {
    const leave = make("button", { type: "button", class: "plain", id: "leave" }, "Leave room");
    const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
    const buttons = make("div", { class: "row" }, this.#copy, this.#share);
    this.#panel = make(
      "section",
      { id: "invite", role: "dialog", "aria-labelledby": "invite-title", hidden: true },
      make("header", {}, this.#title, close),
      this.#code,
      this.#hint,
      this.#link,
      buttons,
      leave,
    );
    this.#share.hidden = !("share" in navigator);
    byId("tools").append(this.#opener);
    byId("hud").append(this.#panel);
    this.#opener.addEventListener("click", () => (this.#panel.hidden ? this.open() : this.close()));
    close.addEventListener("click", () => this.close());
    this.#link.addEventListener("focus", () => this.#link.select());
    this.#copy.addEventListener("click", () => void this.#copyLink());
    this.#share.addEventListener("click", () => void this.#shareLink());
    this.#panel.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
    leave.addEventListener("click", () => {
      this.close();
      onLeave();
    });
  }

  /** @param {Place} place */
  show(place) {
    const { room, code } = place;
    write(this.#title, code === undefined ? `Room ${room}` : "Private room");
    write(this.#code, code ?? "");
    write(this.#hint, code === undefined ? "Anyone with this link can join." : "Only players with the code or link can join.");
    this.#code.hidden = code === undefined;
    this.#link.value = linkTo(place);
    this.close();
  }

  open() {
    this.#panel.hidden = false;
    this.#opener.setAttribute("aria-expanded", "true");
    this.#copy.focus();
  }

  close() {
    this.#panel.hidden = true;
    this.#opener.setAttribute("aria-expanded", "false");
    // A focused element would also react to the keys that steer the ship.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  async #copyLink() {
    try {
      await navigator.clipboard.writeText(this.#link.value);
      this.#showFeedback("Copied");
    } catch {
      // No permission, or not a secure page: select the link so that the player can copy it by hand.
      this.#link.select();
      this.#showFeedback("Selected");
    }
  }

  async #shareLink() {
    try {
      await navigator.share({ title: document.title, url: this.#link.value });
    } catch {
      // The player cancelled.
    }
  }

  /** @param {string} text Shown on the copy button for a moment. */
  #showFeedback(text) {
    write(this.#copy, text);
    setTimeout(() => write(this.#copy, "Copy link"), FEEDBACK_MS);
  }
}

/**
 * A link that opens the page of a room.
 * @param {Place} place
 */
export function linkTo({ game, room, code }) {
  const link = new URL("/", location.href);
  link.searchParams.set("game", game);
  if (code === undefined) link.searchParams.set("room", room);
  else link.searchParams.set("code", code);
  return link.href;
}
