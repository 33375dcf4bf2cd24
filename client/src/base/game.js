/**
 * The types of a game, and what follows from them for a room.
 *
 * A room's type parameter is such a type. Without it, it is `any`: the names of tables, fields and messages are not checked, and
 * a function that takes such a room takes the room of every game. This file has types alone: no other file imports it at run
 * time.
 */

/** @typedef {Record<string, any>} AnyFields fields of which nothing is known */

/**
 * The types of a game. The package's README says how each of its values is written.
 *
 * @typedef {object} GameTypes
 * @property {AnyFields} tables for each table the fields of its entities, without their `id`. A field that some players do not
 *   see is optional
 * @property {AnyFields} singles for each single its fields
 * @property {AnyFields} input the fields of the input, without the presses
 * @property {string} presses the names of the input's one-shot actions, as a union; `never` if there are none
 * @property {any} event an event as its handlers get it, without its `tick`; `never` if there are none
 * @property {any} command `never` if there are none
 * @property {any} reply `never` if there are none
 * @property {any} joinOptions the options that a client sends with its join, as JSON; `null` if there are none
 * @property {any} metadata of a room, as JSON; `never` if there are none
 */

/**
 * The name of a table. Singles are not among them.
 *
 * @template {GameTypes} Game
 * @typedef {Extract<keyof Game["tables"], string>} TableName
 */

/**
 * The fields of an entity, named as on the server.
 *
 * @template {GameTypes} Game
 * @template {TableName<Game>} Table
 * @typedef {0 extends 1 & Game["tables"][Table] ? AnyFields : Extract<Game["tables"][Table], object>} RowOf
 */

/**
 * The id and the fields of an entity, named as on the server. Fields that are hidden from this client are missing.
 *
 * @template {object} [Row=AnyFields]
 * @typedef {{ id: number } & Row} Entity
 */

/**
 * An entity of a table, such as `EntityOf<Arena, "ships">`.
 *
 * @template {GameTypes} Game
 * @template {TableName<Game>} Table
 * @typedef {Entity<RowOf<Game, Table>>} EntityOf
 */

/**
 * The name of a table or of a single.
 *
 * @template {GameTypes} Game
 * @typedef {TableName<Game> | Extract<keyof Game["singles"], string>} ShownName
 */

/**
 * An entity of a table, or the object of a single.
 *
 * @template {GameTypes} Game
 * @template {ShownName<Game>} Name
 * @typedef {Name extends TableName<Game> ? EntityOf<Game, Name> : Game["singles"][Name]} ShownOf
 */

/**
 * A filter of rooms: for some of the metadata's own members the value that a room must have.
 *
 * @template Metadata
 * @typedef {{ [Key in keyof Metadata]?: Extract<Metadata[Key], string | number | boolean> }} MetadataFilter
 */

/**
 * The input of a tick, as the game reads it: for each one-shot action, how often it was pressed since the tick before.
 *
 * @template {GameTypes} Game
 * @typedef {string extends Game["presses"] ? Game["input"] : Game["input"] & { [Press in Game["presses"]]: number }} InputOf
 */

export {};
