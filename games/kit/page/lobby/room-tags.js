/**
 * A room's metadata and bots, as a few short texts.
 * @module
 */

/** @typedef {Pick<import("/client/drumline.js").RoomInfo, "metadata" | "bots">} Described */

/** There is little space in a line of the list. */
const MAX_TAGS = 4;
const MAX_CHARACTERS = 24;

/**
 * The tags of a room: its bots, and the top-level values of its metadata. A number stands behind its name, and a flag that is
 * true is its name. Values with others inside are left out.
 * @param {Described} room
 * @returns {string[]}
 */
export function tagsOf({ metadata, bots }) {
  const isObject = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata);
  const tags = isObject ? Object.entries(metadata).map(([name, value]) => tagOf(value, name)) : [tagOf(metadata, "")];
  return [bots > 0 ? `${bots} ${bots === 1 ? "bot" : "bots"}` : "", ...tags].filter((tag) => tag !== "").slice(0, MAX_TAGS);
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function tagOf(value, name) {
  const words = name.replaceAll("_", " ");
  switch (typeof value) {
    case "string":
      return cut(value);
    case "number":
      return cut(`${words} ${value}`.trim());
    case "boolean":
      return value ? cut(words) : "";
    default:
      return "";
  }
}

/** @param {string} text */
function cut(text) {
  const characters = [...text.trim()];
  return characters.length > MAX_CHARACTERS ? `${characters.slice(0, MAX_CHARACTERS - 1).join("")}…` : characters.join("");
}
