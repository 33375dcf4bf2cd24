/** The form of a game's input: a control for each field, by its kind. */

/** @typedef {import("/client/drumline.js").Room} Room */
/** @typedef {import("/client/schema/kinds.js").Field} Field */
/** @typedef {import("/client/schema/kinds.js").FieldKind} FieldKind */
/** @typedef {{ min?: number, max?: number, step?: number }} Bounds */
/** @typedef {(value: any) => void} Send tells the server of another value */

import { make } from "./elements.js";
import { compact, reasonOf } from "./format.js";

/** The greatest span of an integer that gets a slider: on a wider one a single value is not to be hit. */
const MAX_SLIDER_SPAN = 1000n;

/**
 * Fills an element with the controls of a room's input.
 *
 * @param {HTMLElement} parent
 * @param {Room} room
 */
export function showInputForm(parent, room) {
  const { fields } = room.schema.input;
  const problem = make("p", { class: "problem", role: "alert" });
  /** @param {() => void} action */
  const attempt = (action) => {
    try {
      action();
      problem.textContent = "";
    } catch (error) {
      problem.textContent = reasonOf(error);
    }
  };
  const neutral = room.inputs.readNext();
  const [presses, others] = [true, false].map((isPress) => fields.filter(({ kind }) => (kind.type === "Press") === isPress));
  const buttons = presses.map(({ name }) => {
    const click = () => attempt(() => room.press(name));
    return make("button", { type: "button", click }, name);
  });
  const reset = () => {
    attempt(() => room.input(Object.fromEntries(others.map(({ name }) => [name, neutral[name]]))));
    build();
  };
  const build = () => {
    const controls = others.map((field) => {
      /** @type {Send} */
      const send = (value) => attempt(() => room.input({ [field.name]: value }));
      return control(field, neutral[field.name], send);
    });
    const resets = others.length > 0 ? [make("button", { type: "button", class: "small", click: reset }, "Reset")] : [];
    parent.replaceChildren(
      make("div", { class: "controls" }, make("div", { class: "row" }, ...buttons), ...controls),
      make("div", { class: "row" }, ...resets, problem),
    );
  };
  if (fields.length === 0) {
    parent.replaceChildren(make("p", { class: "quiet" }, "This game has no input."));
  } else {
    build();
  }
}

/**
 * @param {Field} field
 * @param {any} value at first
 * @param {Send} send
 * @returns {HTMLElement}
 */
function control({ name, kind }, value, send) {
  switch (kind.type) {
    case "Bool": {
      /** @param {{ target: HTMLInputElement }} event */
      const change = ({ target }) => send(target.checked);
      const box = make("input", { type: "checkbox", checked: value, change });
      return make("label", { class: "control tick" }, box, name);
    }
    case "Enum": {
      const options = kind.variants.map((variant) => make("option", { selected: variant === value }, variant));
      /** @param {{ target: HTMLSelectElement }} event */
      const change = ({ target }) => send(target.value);
      return labelled(name, make("select", { change }, ...options));
    }
    case "Text":
      return textControl(name, value, (text) => send(text));
    case "Float":
    case "Angle":
      return make("div", { class: "control" }, ...slider(name, boundsOf(kind, 0), value, send));
    case "Int":
      return kind.big ? textControl(name, String(value), (text) => send(wholeOf(text))) : intControl(name, kind, value, send);
    case "Vec2":
    case "Vec3":
    case "Quat":
      return vectorControl(name, kind, value, send);
    default:
      return textControl(`${name}, as JSON`, compact(value), (text) => send(jsonOf(text)));
  }
}

/**
 * @param {string} name
 * @param {Extract<FieldKind, { type: "Int" }>} kind
 * @param {number} value
 * @param {Send} send
 */
function intControl(name, { min, span }, value, send) {
  const bounds = { min: Number(min), max: Number(min + span), step: 1 };
  if (span <= MAX_SLIDER_SPAN) return make("div", { class: "control" }, ...slider(name, bounds, value, send));
  return make("div", { class: "control" }, make("span", {}, name), numberField(name, bounds, value, send));
}

/**
 * @param {string} name
 * @param {Extract<FieldKind, { type: "Vec2" | "Vec3" | "Quat" }>} kind
 * @param {Record<string, number>} start
 * @param {Send} send
 */
function vectorControl(name, kind, start, send) {
  const value = { ...start };
  const axes = Object.keys(value).map((axis, index) => {
    /** @type {Send} */
    const set = (number) => {
      value[axis] = number;
      send({ ...value });
    };
    return make("div", { class: "control" }, ...slider(axis, boundsOf(kind, index), value[axis], set, `${name}.${axis}`));
  });
  return make("fieldset", { class: "vector" }, make("legend", {}, name), ...axes);
}

/**
 * The bounds of a number.
 *
 * @param {FieldKind} kind
 * @param {number} axis
 * @returns {Bounds}
 */
function boundsOf(kind, axis) {
  switch (kind.type) {
    case "Float":
      return kind.range;
    case "Vec2":
    case "Vec3":
      return kind.axes[axis];
    case "Angle":
      return { min: -3.14, max: 3.14, step: 0.01 };
    default:
      return { min: -1, max: 1, step: 0.01 };
  }
}

/**
 * A slider beside a field of the same number, with a name before them.
 *
 * @param {string} name
 * @param {Bounds} bounds
 * @param {number} value
 * @param {Send} send
 * @param {string} [label] for assistive technology
 */
function slider(name, bounds, value, send, label = name) {
  const { min = 0, max = 1, step = 1 } = bounds;
  /** @param {{ target: HTMLInputElement }} event */
  const input = ({ target }) => {
    field.value = target.value;
    send(target.valueAsNumber);
  };
  const range = make("input", { type: "range", min, max, step, "aria-label": label, input });
  range.valueAsNumber = value;
  const field = numberField(`${label}, exactly`, bounds, value, (number) => {
    range.valueAsNumber = number;
    send(number);
  });
  return [make("span", {}, name), range, field];
}

/**
 * @param {string} label
 * @param {Bounds} bounds
 * @param {number} value
 * @param {Send} send
 */
function numberField(label, { min = 0, max = 1 }, value, send) {
  /** @param {{ target: HTMLInputElement }} event */
  const change = ({ target }) => target.value !== "" && send(target.valueAsNumber);
  const shown = Number(value.toFixed(3));
  const title = `${min} to ${max}`;
  return make("input", { type: "number", min, max, step: "any", value: shown, "aria-label": label, title, change });
}

/**
 * @param {string} name
 * @param {string} value
 * @param {(text: string) => void} changed
 */
function textControl(name, value, changed) {
  /** @param {{ target: HTMLInputElement }} event */
  const change = ({ target }) => changed(target.value);
  return labelled(name, make("input", { type: "text", value, spellcheck: "false", autocomplete: "off", change }));
}

/**
 * @param {string} name
 * @param {HTMLElement} field
 */
function labelled(name, field) {
  return make("label", { class: "control" }, make("span", {}, name), field);
}

/** A whole number of any size; NaN, which the room refuses with the field's name, if the text is none. @param {string} text */
function wholeOf(text) {
  return /^\s*-?\d+\s*$/.test(text) ? BigInt(text) : NaN;
}

/**
 * The value of a JSON text; the text itself, which the room refuses with the field's name, if it is none.
 *
 * @param {string} text
 */
function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
