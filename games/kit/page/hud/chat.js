/**
 * What players say to each other, on top of the world: Enter begins, Escape leaves off.
 * @module
 */

import { byId, make } from "../ui/elements.js";
import { describeUnsaid } from "../ui/error-texts.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {{ player: number, name: string, channel: "room" | "team", text: string }} Said */

/** Lines that can be read again. */
const KEPT = 60;
/** For how long a line is seen while nobody writes. */
const SEEN_MS = 9000;

export class Chat {
  #opener = make("button", { type: "button", class: "tool", id: "chat-open" }, "Chat", make("kbd", {}, "Enter"));
  #lines = make("ol", { id: "chat-lines", role: "log", "aria-label": "Chat", tabindex: "-1" });
  #text = make("input", {
    id: "chat-text",
    "aria-label": "What to say",
    placeholder: "Say something",
    autocomplete: "off",
    enterkeyhint: "send",
  });
  #toTeam = make("input", { type: "checkbox", id: "chat-team" });
  #form = make("form", { id: "chat-form", hidden: true });
  #panel = make("section", { id: "chat" }, this.#lines, this.#form);
  #colourOf;
  #teams;
  /** @type {Room | null} */
  #room = null;

  /**
   * @param {(room: Room, player: number) => string} colourOf What a player's name is written in.
   * @param {boolean} teams Whether there are any to talk to.
   */
  constructor(colourOf, teams) {
    this.#colourOf = colourOf;
    this.#teams = teams;
    const channel = make("label", { id: "chat-channel" }, this.#toTeam, make("span", {}, "Team"));
    channel.hidden = !teams;
    this.#form.append(channel, this.#text, make("button", { type: "submit" }, "Send"));
    byId("hud").append(this.#panel);
    byId("tools").prepend(this.#opener);
    this.#opener.addEventListener("click", () => (this.#form.hidden ? this.#open() : this.#close()));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#form.addEventListener("keydown", (event) => this.#typed(event));
    window.addEventListener("keydown", (event) => this.#pressed(event));
    this.#toTeam.addEventListener("change", () => this.#text.focus());
  }

  /** @param {Room} room */
  watch(room) {
    this.#room = room;
    this.#lines.replaceChildren();
    this.#text.value = "";
    this.#opener.hidden = !room.chats;
    this.#close();
    room.on("chat", (said) => this.#show(said));
    room.on("close", () => {
      this.#room = null;
      this.#close();
    });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    // Where something else has the focus, the key is for that.
    if (event.key !== "Enter" || event.repeat || document.activeElement !== document.body || !this.#room?.chats) return;
    event.preventDefault();
    this.#open();
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key === "Escape") {
      this.#close();
    } else if (event.key === "Tab" && this.#teams && event.target === this.#text && !event.shiftKey) {
      event.preventDefault();
      this.#toTeam.checked = !this.#toTeam.checked;
    }
  }

  #open() {
    this.#form.hidden = false;
    this.#panel.classList.add("open");
    this.#lines.scrollTop = this.#lines.scrollHeight;
    this.#text.focus();
  }

  #close() {
    this.#form.hidden = true;
    this.#panel.classList.remove("open");
    // What keeps the focus would answer to the keys that fly.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  #say() {
    const text = this.#text.value.trim();
    this.#text.value = "";
    this.#close();
    if (text !== "" && this.#room) void this.#send(this.#room, text);
  }

  /**
   * @param {Room} room
   * @param {string} text
   */
  async #send(room, text) {
    try {
      await room.chat(text, { team: this.#teams && this.#toTeam.checked });
    } catch (error) {
      // It can be said again, or better.
      this.#text.value ||= text;
      this.#add(make("li", { class: "refused" }, describeUnsaid(error)));
    }
  }

  /** @param {Said} said */
  #show({ player, name, channel, text }) {
    const who = make("b", {}, name);
    if (this.#room) who.style.setProperty("color", this.#colourOf(this.#room, player));
    const to = channel === "team" ? [make("span", { class: "to" }, "team"), " "] : [];
    this.#add(make("li", {}, ...to, who, " ", make("span", { class: "said" }, text)));
  }

  /** @param {HTMLLIElement} line */
  #add(line) {
    // Who reads what was said before is not torn away.
    const atEnd = this.#lines.scrollHeight - this.#lines.scrollTop - this.#lines.clientHeight < 8;
    this.#lines.append(line);
    while (this.#lines.children.length > KEPT) this.#lines.firstElementChild?.remove();
    if (atEnd || !this.#panel.classList.contains("open")) this.#lines.scrollTop = this.#lines.scrollHeight;
    setTimeout(() => line.classList.add("old"), SEEN_MS);
  }
}
