/**
 * Where one plays, how others get there, and the way out.
 * @module
 */

import { byId, make, write } from "../ui/elements.js";

/** @typedef {{ game: string, room: string, code?: string }} Place `code`: of a private room */

const SAID_MS = 2000;

export class Invite {
  #opener = make("button", { type: "button", class: "tool", id: "invite-open", "aria-expanded": "false" }, "Invite");
  #title = make("h2", { id: "invite-title" });
  #code = make("output", { id: "invite-code", "aria-label": "The room's code" });
  #link = make("input", { id: "invite-link", readonly: true, "aria-label": "Link to this room" });
  #copy = make("button", { type: "button", id: "invite-copy" }, "Copy link");
  #share = make("button", { type: "button", id: "invite-share" }, "Share");
  #panel;

  /** @param {() => void} onLeave */
  constructor(onLeave) {
    const leave = make("button", { type: "button", class: "plain", id: "leave" }, "Leave the room");
    const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
    const hint = make("p", {}, "Who has the link, or the code, comes to this room.");
    const buttons = make("div", { class: "row" }, this.#copy, this.#share);
    this.#panel = make(
      "section",
      { id: "invite", role: "dialog", "aria-labelledby": "invite-title", hidden: true },
      make("header", {}, this.#title, close),
      this.#code,
      hint,
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
    // What keeps the focus would answer to the keys that fly.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  async #copyLink() {
    try {
      await navigator.clipboard.writeText(this.#link.value);
      this.#say("Copied");
    } catch {
      // Not permitted, or no secure page: then it is ready to be copied by hand.
      this.#link.select();
      this.#say("Selected");
    }
  }

  async #shareLink() {
    try {
      await navigator.share({ title: document.title, url: this.#link.value });
    } catch {
      // Changed their mind.
    }
  }

  /** @param {string} word */
  #say(word) {
    write(this.#copy, word);
    setTimeout(() => write(this.#copy, "Copy link"), SAID_MS);
  }
}

/**
 * A link that leads to a room.
 * @param {Place} place
 */
export function linkTo({ game, room, code }) {
  const link = new URL("/", location.href);
  link.searchParams.set("game", game);
  if (code === undefined) link.searchParams.set("room", room);
  else link.searchParams.set("code", code);
  return link.href;
}
