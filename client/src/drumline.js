/**
 * Drumline's JavaScript client.
 *
 *     const room = await join("", { game: "arena", name: "Ada" });
 *     room.input({ thrust: { x: 1, y: 0 }, fire: true });
 *     requestAnimationFrame((now) => draw(room.view(now).tables));
 *
 * {@link join} has a seat reserved by lobby.js, which also lists and opens rooms.
 *
 * Below {@link join}, in the order of the data path: messages.js and schema.js; snapshot.js over bytes.js; block.js; delta.js
 * over row.js and predict.js; symbols.js over contexts.js, priors.js and range-coder.js; mirror.js, of which each area.js is a
 * part and world.js the whole; tables.js; view.js over playhead.js, interpolate.js and correct.js, and predictions.js, which puts
 * what prediction.js simulates in its place; shapes.js and values.js, for what the game tells and is asked, over talk.js and
 * fragments.js; and the other way inputs.js over lead.js, and input.js over bits.js. timeline.js,
 * ping.js and steady.js tell time. room.js ties them to a connection.js, which can be lost and come back, and net.js makes it a
 * bad one. docs/PROTOCOL.md specifies the bytes.
 */

export { JoinError, NetworkError, RequestError } from "./errors.js";
export { join, joinByCode, joinById, watch } from "./join.js";
export { create, list, listAll } from "./lobby.js";
export { parseNetwork, shapedWebSocket } from "./net.js";
export { predict } from "./room.js";

/** @typedef {import("./join.js").JoinOptions} JoinOptions */
/** @typedef {import("./lobby.js").CreatedRoom} CreatedRoom */
/** @typedef {import("./lobby.js").RoomInfo} RoomInfo */
/** @typedef {import("./lobby.js").RoomList} RoomList */
/** @typedef {import("./lobby.js").RoomSettings} RoomSettings */
/** @typedef {import("./net.js").NetworkProfile} NetworkProfile */
/** @typedef {import("./prediction.js").PredictOptions} PredictOptions */
/** @typedef {import("./room.js").ChatMessage} ChatMessage */
/** @typedef {import("./room.js").Room} Room */
/** @typedef {import("./room.js").RoomEvent} RoomEvent */
/** @typedef {import("./room.js").RoomEvents} RoomEvents */
/** @typedef {import("./tables.js").Entity} Entity */
/** @typedef {import("./tables.js").EntityTable} EntityTable */
