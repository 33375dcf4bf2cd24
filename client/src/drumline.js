/**
 * Drumline's JavaScript client.
 *
 *     const room = await join("", { game: "arena", name: "Ada" });
 *     room.input({ thrust: { x: 1, y: 0 }, fire: true });
 *     requestAnimationFrame((now) => draw(room.view(now).tables));
 *
 * The folders beside this file are layers; a file imports from its own folder and from earlier ones (test/layers.test.js):
 *
 *     base        errors, limits, close codes, timers, calls of the page's functions, the types of games
 *     wire        bytes: bincode, bits, the range coder
 *     schema      tables, fields and messages, and how their values become columns
 *     codec       snapshots, and the areas in them as deltas
 *     mirror      the areas that the client sees, and the world that they make
 *     messages    control messages, fragments; commands and chat, events and replies, each once and in order
 *     network     a simulated bad network
 *     clock       when ticks arrive, and which are played and sent now
 *     view        the entities to draw
 *     input       one input a tick
 *     prediction  entities simulated ahead of the server
 *     lobby       rooms and seats, over HTTP
 *     connection  sockets that are lost and come back, and sessions that a reloaded page finds again
 *
 * room.js, join.js and predict.js stand above them all. docs/PROTOCOL.md specifies the bytes.
 */

export { JoinError, NetworkError, RequestError } from "./base/errors.js";
export { HandlerError } from "./base/handlers.js";
export { join, joinByCode, joinById, resume, watch } from "./join.js";
export { create, list, listAll } from "./lobby/lobby.js";
export { parseNetwork } from "./network/profile.js";
export { shapedWebSocket } from "./network/shaped-socket.js";
export { predict } from "./predict.js";

/** @typedef {import("./base/game.js").GameTypes} GameTypes */
/** @typedef {import("./events.js").ChatMessage} ChatMessage */
/** @typedef {import("./connection/session-store.js").SessionStorage} SessionStorage */
/** @typedef {import("./join.js").ResumeOptions} ResumeOptions */
/** @typedef {import("./lobby/lobby.js").CreatedRoom} CreatedRoom */
/** @typedef {import("./lobby/lobby.js").RoomSettings} RoomSettings */
/** @typedef {import("./messages/players.js").Player} Player */
/** @typedef {import("./network/profile.js").NetworkProfile} NetworkProfile */

/**
 * @template {GameTypes} Game
 * @typedef {import("./base/game.js").TableName<Game>} TableName
 */
/**
 * @template {GameTypes} Game
 * @typedef {import("./base/game.js").ShownName<Game>} ShownName
 */
/**
 * @template {object} [Row=import("./base/game.js").AnyFields]
 * @typedef {import("./base/game.js").Entity<Row>} Entity
 */
/**
 * @template {GameTypes} Game
 * @template {TableName<Game>} Table
 * @typedef {import("./base/game.js").EntityOf<Game, Table>} EntityOf
 */
/**
 * @template {GameTypes} Game
 * @template {ShownName<Game>} Name
 * @typedef {import("./base/game.js").ShownOf<Game, Name>} ShownOf
 */
/**
 * @template {object} [Each=Entity]
 * @typedef {import("./view/tables.js").EntityTable<Each>} EntityTable
 */
/**
 * @template {GameTypes} [Game=any]
 * @template {TableName<Game>} [Table=TableName<Game>]
 * @typedef {import("./prediction/rules.js").Correction<Game, Table>} Correction
 */
/**
 * @template {GameTypes} [Game=any]
 * @template {TableName<Game>} [Table=TableName<Game>]
 * @template {object} [Extra={}]
 * @typedef {import("./prediction/rules.js").PredictOptions<Game, Table, Extra>} PredictOptions
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./room.js").Room<Game>} Room
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./events.js").RoomEvent<Game>} RoomEvent
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./events.js").RoomEvents<Game>} RoomEvents
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./view/view.js").Shown<Game>} Shown
 */
/**
 * @template {object} [Each=Entity]
 * @typedef {import("./view/tracks.js").TrackHandlers<Each>} TrackHandlers
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./join.js").JoinOptions<Game>} JoinOptions
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./lobby/lobby.js").RoomInfo<Game>} RoomInfo
 */
/**
 * @template {GameTypes} [Game=any]
 * @typedef {import("./lobby/lobby.js").RoomList<Game>} RoomList
 */
