// Mistakes. Each line with a comment `//!` is an error, whose text contains what follows; no other line is one.

import { join, joinById, list, predict, resume } from "drumline";
import type { EntityOf, Room } from "drumline";
import type { Arena } from "./games/arena.js";
import type { EveryKind } from "./games/every-kind.js";
import type { Frontier } from "./games/frontier.js";
import type { Pong } from "./games/pong.js";

declare const arena: Room<Arena>;
declare const frontier: Room<Frontier>;
declare const pong: Room<Pong>;
declare const every: Room<EveryKind>;

// Tables and their fields.
arena.tables.shps; //! 'shps'
for (const ship of arena.tables.ships) {
  ship.positon; //! 'positon'
  ship.position.z; //! 'z'
}
arena.tables.ships.get(1)?.helth; //! 'helth'
arena.tables.ships.get("1"); //! 'string'
arena.tables.round.get(1); //! 'get'
arena.tables.round.fase; //! 'fase'
arena.view().tables.rokcs; //! 'rokcs'
arena.view().tables.rocks[0]?.sise; //! 'sise'
arena.view().tables.rocks.filter(({ size }) => size === "Huge"); //! '"Huge"'
arena.view().tables.round.phase.type === "Over"; //! '"Over"'
arena.view().tables.round.phase.winner; //! 'winner'
arena.tables.round = arena.tables.round; //! read-only
export type NoTable = EntityOf<Arena, "round">; //! '"round"'

// A hidden field may be absent.
for (const { cargo } of frontier.tables.ships) {
  cargo.length; //! possibly 'undefined'
  cargo?.[0]?.kind; //! 'kind'
}

// Nested values.
for (const ship of every.tables.ships) {
  ship.engine.hot; //! 'hot'
  ship.shield.toFixed(); //! possibly 'null'
  ship.weapon.power; //! 'power'
  ship.weapon.type === "Lazer"; //! '"Lazer"'
  ship.corners.push({ x: 1, y: 1 }); //! 'push'
  ship.hand?.[0]?.suite; //! 'suite'
  every.tables.ships.get(ship.target); //! 'null'
}

// Inputs.
arena.input({ thrsut: { x: 1, y: 0 } }); //! 'thrsut'
arena.input({ thrust: { x: 1 } }); //! 'y'
arena.input({ fire: 1 }); //! 'number'
every.input({ gear: "Neutral" }); //! '"Neutral"'
pong.input({ serve: true }); //! 'serve'

// Events.
arena.on("evnt", () => {}); //! '"evnt"'
arena.on("event", (event) => event.type === "kil"); //! '"kil"'
arena.on("event", (event) => event.killer); //! 'killer'
arena.on("event", (event) => event.type === "kill" && event.kiler); //! 'kiler'
arena.on("spawn", (table) => table === "round"); //! '"round"'
arena.on("spawn", (table, entity) => table === "ships" && entity.sise); //! 'sise'
arena.on("chat", ({ txt }) => txt); //! 'txt'

// Presses.
pong.press("serv"); //! '"serv"'
arena.press("fire"); //! 'never'

// What is tracked.
arena.track("shps", {}); //! '"shps"'
arena.track("ships", { added: () => {} }); //! 'added'
arena.track("ships", { add: (ship) => ship.helth }); //! 'helth'
arena.track("ships", { update: (_, { helth }) => helth }); //! 'helth'
arena.track("round", { update: (round) => round.fase }); //! 'fase'
arena.once("evnt", () => {}); //! '"evnt"'
arena.once("evnt", () => {}); //! '"evnt"'
arena.once("event", (event) => event.type === "kil"); //! '"kil"'

// Commands and replies.
void arena.command({ type: "emot", emote: "Wave" }); //! '"emot"'
void arena.command({ type: "emote", emote: "Bow" }); //! '"Bow"'
arena.send({ type: "emote" }); //! 'emote'
void frontier.command({ type: "emote" }); //! 'never'
void arena.command({ type: "emote", emote: "Wave" }).then((reply) => reply.seconds); //! 'seconds'

// Predictions.
const entity = () => true;
const apply = () => {};
predict(arena, { table: "shps", entity, fields: [], apply }); //! '"shps"'
predict(arena, { table: "round", entity, fields: [], apply }); //! '"round"'
predict(arena, { table: "ships", entity, fields: ["positon"], apply }); //! '"positon"'
predict(arena, { table: "ships", entity, fields: ["positon.x"], apply }); //! '"positon.x"'
predict(arena, { table: "ships", entity: ({ plyer }) => plyer === 1, fields: [], apply }); //! 'plyer'
predict(arena, { table: "ships", entity, fields: [], apply: (ship) => ship.velocity }); //! 'velocity'
predict(arena, { table: "ships", entity, fields: [], apply: (_, input) => void input.thrsut }); //! 'thrsut'
predict(arena, { table: "ships", entity, fields: [], apply, onCorrection: ({ feild }) => feild }); //! 'feild'
predict(arena, { table: "ships", entity, fields: [], apply, onCorrection: ({ entity }) => entity.helth }); //! 'helth'
predict(pong, { table: "paddles", entity, fields: [], apply: (_, input) => void input.serv }); //! 'serv'
predict(pong, { table: "paddles", entity, fields: [], apply: (_, _input, _dt, step) => void step.entity.yy }); //! 'yy'
predict(pong, { table: "paddles", entity, fields: [], apply: (_, _input, _dt, step) => void (step.entity.y = 1) }); //! read-only

// The game's type itself, and what joins.
void join<{ ships: object }>("", { game: "arena" }); //! 'GameTypes'
void join<Arena>("", { name: "Ada" }); //! 'game'
void join<Arena>("", { game: "arena", nam: "Ada" }); //! 'nam'
void arena.inputs.write({}); //! 'write'

// What a player chooses at the join, and what games say of their rooms.
void join<Pong>("", { game: "pong", joinOptions: { side: "Middle", racket: null } }); //! '"Middle"'
void join<Pong>("", { game: "pong", joinOptions: { side: null } }); //! 'null'
void joinById<Pong>("", "k7m2pa", { game: "pong", joinOptions: { sied: "Left", racket: null } }); //! 'sied'
void join<EveryKind>("", { game: "every-kind", joinOptions: { Player: { name: "Ada" } } }); //! 'seed'
void join<Pong>("", { game: "pong", spectate: "yes" }); //! 'string'
void list<Pong>("", { metadata: { map: "Huge" } }); //! '"Huge"'
void list<Pong>("", { metadata: { mpa: "Small" } }); //! 'mpa'
void list<Pong>("", {}).then(({ rooms }) => rooms[0]?.metadata?.mpa); //! 'mpa'
void list<Pong>("", {}).then(({ rooms }) => rooms[0]?.metadata.map); //! possibly 'undefined'

// What is stored.
void join<Arena>("", { game: "arena", resume: true }); //! 'true'
void join<Arena>("", { game: "arena", resume: { getItem: () => null } }); //! 'SessionStorage'
void resume<Arena>("", { game: "arena" }); //! 'resume'
void resume<Arena>("", { game: "arena", resume: "key" }).then((room) => room.player); //! possibly 'undefined'
arena.session = ""; //! read-only
