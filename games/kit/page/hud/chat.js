/**
 * The chat panel: Enter opens it, Escape closes it, Tab switches between room and team.
 * @module
 */

import { byId, make } from "../ui/elements.js";
import { describeChatError, isSentLater } from "../ui/error-texts.js";

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {{ player: number, name: string, channel: "room" | "team", text: string }} ChatMessage */

/** Older lines are removed. */
const MAX_LINES = 60;
/** Lines fade out after this while the panel is closed. */
const VISIBLE_MS = 9000;

export class Chat {
  #opener = make("button", { type: "button", class: "tool", id: "chat-open" }, "Chat", make("kbd", {}, "Enter"));
  #lines = make("ol", { id: "chat-lines", role: "log", "aria-label": "Chat", tabindex: "-1" });
  #text = make("input", {
    id: "chat-text",
    "aria-label": "Chat message",
    placeholder: "Message",
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
   * @param {(room: Room, player: number) => string} colourOf The colour of a player's name.
   * @param {boolean} teams True if the game has team chat.
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
      this.#submit();
    });
    this.#form.addEventListener("keydown", (event) => this.#onFormKey(event));
    window.addEventListener("keydown", (event) => this.#onPageKey(event));
    this.#toTeam.addEventListener("change", () => this.#text.focus());
  }

  /** @param {Room} room */
  watch(room) {
    this.#room = room;
    this.#lines.replaceChildren();
    this.#text.value = "";
    this.#opener.hidden = !canChat(room);
    this.#close();
    room.on("chat", (message) => this.#show(message));
    room.on("close", () => {
      this.#room = null;
      this.#close();
    });
  }

  /** @param {KeyboardEvent} event */
  #onPageKey(event) {
    // A focused button or field handles the key itself.
    if (event.key !== "Enter" || event.repeat || document.activeElement !== document.body) return;
    if (!this.#room || !canChat(this.#room)) return;
    event.preventDefault();
    this.#open();
  }

  /** @param {KeyboardEvent} event */
  #onFormKey(event) {
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
    // A focused element would also react to the keys that steer the ship.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  #submit() {
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
      // The text goes back into the field, to be corrected or sent again.
      if (!isSentLater(error)) this.#text.value ||= text;
      this.#add(make("li", { class: "refused" }, describeChatError(error)));
    }
  }

  /** @param {ChatMessage} message */
  #show({ player, name, channel, text }) {
    const author = make("b", {}, name);
    if (this.#room) author.style.setProperty("color", this.#colourOf(this.#room, player));
    const badge = channel === "team" ? [make("span", { class: "to" }, "team"), " "] : [];
    this.#add(make("li", {}, ...badge, author, " ", make("span", { class: "said" }, text)));
  }

  /** @param {HTMLLIElement} line */
  #add(line) {
    // A player who has scrolled up to read older lines is not scrolled back down.
    const atEnd = this.#lines.scrollHeight - this.#lines.scrollTop - this.#lines.clientHeight < 8;
    this.#lines.append(line);
    while (this.#lines.children.length > MAX_LINES) this.#lines.firstElementChild?.remove();
    if (atEnd || !this.#panel.classList.contains("open")) this.#lines.scrollTop = this.#lines.scrollHeight;
    setTimeout(() => line.classList.add("old"), VISIBLE_MS);
  }
}

/** @param {Room} room */
function canChat({ chats, spectator }) {
  return chats && !spectator;
}
