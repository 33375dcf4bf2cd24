/**
 * Beside the name: the rooms that there are, and ways to a room of one's own.
 * @module
 */

import { list } from "/client/drumline.js";
import { byId, make } from "../ui/elements.js";
import { RoomList } from "./room-list.js";
import { RoomWatch } from "./room-poll.js";

/**
 * A mode of a game, for players.
 * @typedef {object} Mode
 * @property {string} mode As the server knows it.
 * @property {string} title
 * @property {string} about In a few words.
 */

/**
 * An option of a game's rooms, for players: one value of some.
 * @typedef {object} Option
 * @property {string} option As the server knows it.
 * @property {string} title
 * @property {{ value: string | number | boolean, title: string }[]} values The first is the usual one.
 */

/**
 * What rooms of a game can be like.
 * @typedef {object} RoomKinds
 * @property {Mode[]} modes The first is the usual one.
 * @property {Option[]} [options]
 */

/**
 * What to play in: the room with an id, the private one with a code, a new one, or, with none of these, any.
 * @typedef {object} Wish
 * @property {string} [room]
 * @property {string} [code]
 * @property {{ mode: string, options: Record<string, any>, private: boolean }} [create]
 */

/** Rooms that are shown; so many lines are a few KB. */
const ROOMS_SHOWN = 24;

export class Lobby {
  #list;
  #watch;

  /**
   * @param {string} game
   * @param {RoomKinds} kinds
   * @param {(wish: Wish) => void} onWish
   */
  constructor(game, kinds, onWish) {
    const { modes } = kinds;
    // Where there is but one mode, it need not be said.
    const titleOf = (/** @type {string} */ mode) =>
      modes.length > 1 ? (modes.find((each) => each.mode === mode)?.title ?? mode) : "";
    this.#list = new RoomList(titleOf, (room) => onWish({ room }));
    const told = { fetched: this.#list.show.bind(this.#list), failed: () => this.#list.fail() };
    this.#watch = new RoomWatch((signal) => list("", { game, limit: ROOMS_SHOWN, signal }), told, window);
    byId("ways").append(createForm(kinds, onWish), codeForm(onWish));
    byId("lobby").append(this.#list.element);
  }

  show() {
    this.#watch.start();
  }

  hide() {
    this.#watch.stop();
  }
}

/**
 * @param {RoomKinds} kinds
 * @param {(wish: Wish) => void} onWish
 */
function createForm({ modes, options = [] }, onWish) {
  const hidden = make("input", { type: "checkbox", id: "private" });
  const form = make(
    "form",
    {},
    modes.length > 1 ? modeChoice(modes) : "",
    ...options.map(optionChoice),
    make("label", { class: "tick" }, hidden, make("span", {}, "Private: only who has the code or the link can join")),
    make("button", { type: "submit" }, "Create and play"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(form);
    const mode = String(chosen.get("mode") ?? modes[0].mode);
    onWish({ create: { mode, options: chosenOptions(options, chosen), private: hidden.checked } });
  });
  return make("details", { id: "create", name: "ways" }, make("summary", {}, "Create a room"), form);
}

/** @param {Mode[]} modes */
function modeChoice(modes) {
  const choices = modes.map(({ mode, title, about }, index) => {
    const input = make("input", { type: "radio", name: "mode", value: mode, checked: index === 0 });
    return make("label", { class: "choice" }, input, make("span", {}, make("b", {}, title), make("small", {}, about)));
  });
  return make("fieldset", {}, make("legend", {}, "Mode"), ...choices);
}

/** @param {Option} option */
function optionChoice({ option, title, values }) {
  const choices = values.map((each, index) => make("option", { value: String(index) }, each.title));
  return make("label", { class: "option" }, title, make("select", { name: `option-${option}` }, ...choices));
}

/**
 * Those that are not as usual.
 * @param {Option[]} options
 * @param {FormData} chosen
 */
function chosenOptions(options, chosen) {
  const others = options.flatMap(({ option, values }) => {
    const index = Number(chosen.get(`option-${option}`));
    return index > 0 ? [[option, values[index].value]] : [];
  });
  return Object.fromEntries(others);
}

/** @param {(wish: Wish) => void} onWish */
function codeForm(onWish) {
  const code = make("input", {
    id: "code",
    name: "code",
    "aria-label": "The room's code",
    placeholder: "The room's code",
    maxlength: "16",
    required: true,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    enterkeyhint: "go",
  });
  const form = make("form", { class: "row" }, code, make("button", { type: "submit" }, "Join"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onWish({ code: code.value.trim() });
  });
  return make("details", { id: "by-code", name: "ways" }, make("summary", {}, "Join by code"), form);
}
