/** The form of a game's commands: JSON, with the types as a hint and the replies below. */

/** @typedef {import("/client/drumline.js").Room} Room */

import { make } from "./elements.js";
import { compact, reasonOf } from "./format.js";
import { described, describedVariant, example, exampleVariant, fromJson } from "./shapes.js";

/**
 * Fills an element with a room's form of commands.
 *
 * @param {HTMLElement} parent
 * @param {Room} room
 */
export function showCommandForm(parent, room) {
  const { command, reply } = room.schema.messages;
  if (command.type === "Enum" && command.variants.length === 0) {
    parent.replaceChildren(make("p", { class: "quiet" }, "This game has no commands."));
    return;
  }
  const typing = { spellcheck: "false", autocomplete: "off", "aria-describedby": "command-shape" };
  const field = make("textarea", { id: "command-json", rows: 3, ...typing });
  /** @param {unknown} value */
  const fill = (value) => {
    field.value = JSON.stringify(value);
    field.focus();
  };
  field.value = JSON.stringify(example(command));
  const answer = make("output", { id: "command-answer", for: "command-json" });
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const [text, isGood] = await execute(room, field.value);
    answer.textContent = text;
    answer.className = isGood ? "" : "problem";
  };
  const send = make("button", { type: "submit", class: "primary" }, "Send command");
  parent.replaceChildren(
    make("form", { submit }, make("label", { for: "command-json" }, "JSON"), field, make("div", { class: "row" }, send), answer),
    make("div", { id: "command-shape", class: "shape" }, ...hints(command, fill)),
    ...(isNever(reply) ? [] : [make("p", { class: "shape quiet" }, "Reply: ", make("code", {}, described(reply)))]),
  );
}

/**
 * Sends a command.
 *
 * @param {Room} room
 * @param {string} text
 * @returns {Promise<[text: string, isGood: boolean]>} the reply, or the error
 */
async function execute(room, text) {
  const { command, reply } = room.schema.messages;
  try {
    const value = fromJson(command, JSON.parse(text));
    if (!isNever(reply)) return [`Reply: ${compact(await room.command(value))}`, true];
    return room.send(value) ? ["Sent. This game sends no replies.", true] : ["Too many commands wait already.", false];
  } catch (error) {
    return [reasonOf(error), false];
  }
}

/**
 * The types of commands. Each of an enum is a button that fills the field with an example.
 *
 * @param {import("/client/schema/shapes.js").Shape} command
 * @param {(value: unknown) => void} fill
 */
function hints(command, fill) {
  if (command.type !== "Enum") return [make("code", {}, described(command))];
  return command.variants.map((variant) => {
    const click = () => fill(exampleVariant(variant, command.plain));
    const title = `Fill in an example of ${variant.name}`;
    return make("button", { type: "button", class: "hint", title, click }, describedVariant(variant, command.plain));
  });
}

/** @param {import("/client/schema/shapes.js").Shape} shape */
function isNever(shape) {
  return shape.type === "Enum" && shape.variants.length === 0;
}
