/**
 * The lobby on the start screen: the list of rooms, a form to create one, and a form to join by code.
 * @module
 */

import { list } from "/client/drumline.js";
import { byId, make } from "../ui/elements.js";
import { RoomList } from "./room-list.js";
import { RoomPoll } from "./room-poll.js";

/**
 * A mode of a game, as shown to players.
 * @typedef {object} Mode
 * @property {string} mode Its name on the server.
 * @property {string} title
 * @property {string} about A few words of description.
 */

/**
 * An option of a game's rooms, as shown to players.
 * @typedef {object} Option
 * @property {string} option Its name on the server.
 * @property {string} title
 * @property {{ value: string | number | boolean, title: string }[]} values The first is the default.
 */

/**
 * The kinds of rooms that a game offers.
 * @typedef {object} RoomKinds
 * @property {Mode[]} modes The first is the default.
 * @property {Option[]} [options]
 */

/**
 * The room to join: one with an id, a private one with a code, a new one, or, if empty, any.
 * @typedef {object} RoomChoice
 * @property {string} [room]
 * @property {string} [code]
 * @property {boolean} [spectate] True to watch it.
 * @property {{ mode: string, options: Record<string, any>, private: boolean }} [create]
 */

/** Rooms requested from the server: a response of a few KB. */
const MAX_ROOMS = 24;

export class Lobby {
  #list;
  #poll;

  /**
   * @param {string} game
   * @param {RoomKinds} kinds
   * @param {(choice: RoomChoice) => void} onChoose
   */
  constructor(game, kinds, onChoose) {
    const { modes } = kinds;
    // A game's only mode is not worth showing.
    const titleOf = (/** @type {string} */ mode) =>
      modes.length > 1 ? (modes.find((each) => each.mode === mode)?.title ?? mode) : "";
    this.#list = new RoomList(titleOf, (room) => onChoose({ room }), (room) => onChoose({ room, spectate: true }));
    const listener = { fetched: this.#list.show.bind(this.#list), failed: () => this.#list.fail() };
    this.#poll = new RoomPoll((signal) => list("", { game, limit: MAX_ROOMS, signal }), listener, window);
    byId("ways").append(createForm(kinds, onChoose), codeForm(onChoose));
    byId("lobby").append(this.#list.element);
  }

  show() {
    this.#poll.start();
  }

  hide() {
    this.#poll.stop();
  }
}

/**
 * @param {RoomKinds} kinds
 * @param {(choice: RoomChoice) => void} onChoose
 */
function createForm({ modes, options = [] }, onChoose) {
  const hidden = make("input", { type: "checkbox", id: "private" });
  const form = make(
    "form",
    {},
    modes.length > 1 ? modeChoice(modes) : "",
    ...options.map(optionChoice),
    make("label", { class: "tick" }, hidden, make("span", {}, "Private: only players with the code or link can join")),
    make("button", { type: "submit" }, "Create and play"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(form);
    const mode = String(chosen.get("mode") ?? modes[0].mode);
    onChoose({ create: { mode, options: chosenOptions(options, chosen), private: hidden.checked } });
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
 * The options that differ from their defaults.
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

/** @param {(choice: RoomChoice) => void} onChoose */
function codeForm(onChoose) {
  const code = make("input", {
    id: "code",
    name: "code",
    "aria-label": "Room code",
    placeholder: "Room code",
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
    onChoose({ code: code.value.trim() });
  });
  return make("details", { id: "by-code", name: "ways" }, make("summary", {}, "Join by code"), form);
}
