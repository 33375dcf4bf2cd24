// Correct uses: the compiler finds nothing in this file.

import { JoinError, create, join, joinByCode, joinById, list, listAll, predict, resume, watch } from "drumline";
import type { Entity, EntityOf, EntityTable, GameTypes, JoinOptions, PredictOptions } from "drumline";
import type { Room, RoomEvent, RoomInfo, RoomList, Shown, TableName, TrackHandlers } from "drumline";
import type { Arena } from "./games/arena.js";
import type { EveryKind } from "./games/every-kind.js";
import type { Frontier } from "./games/frontier.js";
import type { Pong } from "./games/pong.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** Compiles only if the types are the same; `any` is the same as nothing but itself. */
function same<A, B>(_same: Same<A, B>) {}

export async function arena() {
  const room = await join<Arena>("", { game: "arena", name: "Ada", options: { round_seconds: 60 } });
  same<typeof room, Room<Arena>>(true);
  same<typeof room.tables.ships, EntityTable<EntityOf<Arena, "ships">>>(true);
  same<TableName<Arena>, "ships" | "rocks" | "shots" | "pilots">(true);
  for (const ship of room.tables.ships) {
    same<typeof ship.id, number>(true);
    same<typeof ship.position, { x: number; y: number }>(true);
  }
  const ship: EntityOf<Arena, "ships"> | undefined = room.tables.ships.get(7);
  const health: number | undefined = ship?.hull.type === "Bare" ? ship.hull.health : undefined;
  const { size } = room.tables.rocks;
  const tick: number = room.tables.ships.tickOf(7);
  const { phase } = room.tables.round;
  same<typeof phase.type, "Playing" | "Finished">(true);

  const shown = room.view(performance.now());
  same<typeof shown, Shown<Arena>>(true);
  const names: string[] = shown.tables.pilots.map(({ name }) => name);
  const { phase: last } = shown.tables.round;
  const winner: number | null = last.type === "Finished" ? last.winner : null;
  const large = shown.tables.rocks.filter((rock) => rock.size === "Large");

  room.input({ thrust: { x: 1, y: 0 } });
  room.input({ aim: 1, fire: true });
  const reply = await room.command({ type: "emote", emote: "Wave" }, { timeout: 1000 });
  const wait = reply.type === "too_soon" ? reply.seconds : 0;
  const sent: boolean = room.send({ type: "emote", emote: "Sorry" });

  const stop: () => void = room.on("event", (event) => {
    same<typeof event.tick, number>(true);
    switch (event.type) {
      case "kill":
        return console.log(event.killer, event.victim);
      case "crash":
        return console.log(event.victim);
      case "round":
        return console.log(event.winner?.points);
      case "emote":
        return console.log(event.emote satisfies "Wave" | "Cheer" | "Sorry");
      default:
        event satisfies never;
    }
  });
  room.on("spawn", (table, entity) => {
    if (table === "ships") {
      console.log(entity.id, entity.heading);
    }
  });
  const untrack: () => void = room.track("ships", {
    add: (ship) => same<typeof ship, EntityOf<Arena, "ships">>(true),
    update: (ship, previous) => console.log(ship.heading - previous.heading),
    remove: ({ id }) => same<typeof id, number>(true),
  });
  room.track("round", { update: ({ phase }) => same<typeof phase.type, "Playing" | "Finished">(true) });
  const handlers: TrackHandlers<EntityOf<Arena, "rocks">> = { add: ({ size }) => console.log(size) };
  room.track("rocks", handlers);
  untrack();
  room.once("chat", ({ text }) => same<typeof text, string>(true));
  room.once("event", ({ type }) => console.log(type));
  room.on("chat", ({ name, text, channel, tick }) => console.log(name, text, channel, tick));
  room.on("close", ({ code, reason, error }) => console.log(code, reason, error?.code));
  stop();
  return { health, size, tick, phase, names, winner, large, wait, sent };
}

export async function reloaded() {
  const back = await resume<Arena>("", { game: "arena", resume: sessionStorage, room: "k7m2pa", patience: 3 });
  same<typeof back, Room<Arena> | undefined>(true);
  const room = back ?? (await join<Arena>("", { game: "arena", resume: sessionStorage }));
  await join("", { game: "arena", resume: "my-key" });
  await join("", { game: "arena", resume: { getItem: () => null, setItem: () => {}, removeItem: () => {} } });
  same<typeof room.session, string>(true);
  same<typeof room.code, string | undefined>(true);
  room.on("lost", ({ count }) => same<typeof count, number>(true));
  const left: Promise<void> = room.leave();
  await left;
}

export function predicted(room: Room<Arena>) {
  predict(room, {
    table: "ships",
    entity: ({ player }) => player === room.player,
    fields: ["position", "heading"],
    apply(ship, input, dt, { tick, first }) {
      ship.position.x += input.thrust.x * dt;
      ship.heading = input.aim;
      console.log(tick, first);
    },
    onCorrection({ tick, entity, field, predicted, server, input }) {
      same<typeof entity, EntityOf<Arena, "ships">>(true);
      console.log(tick, field === "position", predicted, server, input?.thrust.x);
    },
  });
  type Motion = { velocity: { x: number; y: number } };
  const options: PredictOptions<Arena, "ships", Motion> = {
    table: "ships",
    entity: ({ player }) => player === room.player,
    fields: ["position"],
    apply: (ship, _input, dt) => void (ship.position.x += ship.velocity.x * dt),
    restore(ship, before, seconds) {
      ship.velocity = { x: before ? (ship.position.x - before.position.x) / seconds : 0, y: 0 };
    },
  };
  room.predict(options);
}

export async function frontier() {
  const room = await joinById<Frontier>("", "some", { game: "frontier" });
  const [ship] = room.view().tables.ships;
  // Others do not see it.
  const cargo: number = ship?.cargo?.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
  same<NonNullable<typeof ship>["energy"], number | undefined>(true);
  same<typeof room.tables.standings.ember, number>(true);
  room.on("event", ({ faction, banked }) => console.log(faction satisfies "Ember" | "Tide" | "Bloom", banked));
  return cargo;
}

export function each(room: Room<Frontier>) {
  room.tables.ships.forEach((ship) => same<typeof ship, EntityOf<Frontier, "ships">>(true));
  room.players.forEach(({ bot }) => same<typeof bot, boolean>(true));
}

export async function pong() {
  const joinOptions = { side: "Left", racket: null } as const;
  await join<Pong>("", { game: "pong", joinOptions });
  await join<Pong>("", { game: "pong", joinOptions: { side: "Left" } });
  // The game has defaults for what a player leaves out.
  await join<Pong>("", { game: "pong", joinOptions: { racket: null } });
  await join<Pong>("", { game: "pong", joinOptions: {} });
  await joinById<Pong>("", "k7m2pa", { game: "pong", joinOptions: { side: "Right", racket: "wood" } });
  const watched = await join<Pong>("", { game: "pong", room: "k7m2pa", spectate: true });
  same<typeof watched.spectator, boolean>(true);
  const options: JoinOptions<Pong> = { game: "pong", joinOptions };
  const room = await joinByCode<Pong>("", "ABCD", options);
  room.input({ up: true });
  room.press("serve");
  const { x } = room.view().tables.ball.position;
  predict(room, {
    table: "paddles",
    entity: ({ player }) => player === room.player,
    fields: ["y"],
    // For each one-shot action the input says how often it was pressed.
    apply: (paddle, { up, serve }, dt, { entity }) => void (paddle.y += up && entity.player > 0 ? dt * serve : 0),
  });
  return x;
}

export async function everyKind() {
  const room: Room<EveryKind> = await watch("", { url: "wss://example.org", ticket: "t" });
  for (const ship of room.tables.ships) {
    const heat: number = ship.engine.heat;
    const shield: number = ship.shield ?? 0;
    const target: EntityOf<EveryKind, "ships"> | undefined = ship.target === null ? undefined : room.tables.ships.get(ship.target);
    const power: number = ship.weapon.type === "Laser" ? ship.weapon.power : 0;
    const ranks = ship.hand?.map(({ rank }) => rank);
    same<typeof ranks, number[] | undefined>(true);
    same<typeof ship.distance, bigint>(true);
    const height: number = ship.grid.flat().reduce((sum, cell) => sum + cell, ship.position.z);
    console.log(heat, shield, target, power, height, ship.corners[0]?.x, ship.grades.includes("Low"));
  }
  const reply = await room.command({ text: "hello", amount: 5, "kebab-case": true });
  same<typeof reply, "Yes" | "No" | null>(true);
  room.on("event", (event) => {
    if (event.type === "scores") {
      console.log(event.by_name.get("Ada"));
    }
  });
}

/** Without a type argument nothing is checked. */
export async function untyped() {
  const room = await join("", { game: "arena" });
  same<typeof room, Room>(true);
  same<IsAny<typeof room.tables.anything>, true>(true);
  same<IsAny<typeof room.tables.anything.anything>, true>(true);
  room.input({ anything: 1 });
  room.on("event", (event) => console.log(event.tick, event.type, event.anything));
  room.on("spawn", (table, entity) => console.log(table, entity.id, entity.anything));
  room.track("anything", { add: ({ id, anything }) => console.log(id, anything) });
  room.track("anything", { add: (entity) => console.log(entity.id, entity.anything) });
  const { anything } = await room.command({ type: "anything" });
  const entity: Entity = room.view().tables.anything[0];
  predict(room, {
    table: "anything",
    entity: ({ player }) => player === room.player,
    fields: ["anything"],
    apply: (state, input, dt) => void (state.anything.x += input.anything.x * dt),
  });
  return [anything, entity.id, entity.anything];
}

/** The type that a caller of `join` without a type argument would write. */
export function inferred(room: Awaited<ReturnType<typeof join>>) {
  const entity: Entity = room.view().tables.anything[0];
  room.predict({ table: "anything", entity: () => true, fields: ["anything"], apply: (state) => void (state.anything = 1) });
  room.on("event", (event) => console.log(event.tick satisfies number, event.anything));
  return [room.tables.anything.anything, entity];
}

/** A function for any game takes the room of each. */
export function anyRoom(arena: Room<Arena>, frontier: Room<Frontier>, pong: Room<Pong>, every: Room<EveryKind>) {
  const describe = (room: Room) => `${room.game} ${room.tickRateHz} ${room.connected} ${room.stats.pingMs}`;
  const generic = <Game extends GameTypes>(room: Room<Game>) => room.view().tick;
  return [arena, frontier, pong].map(describe).concat(describe(every), `${generic(arena)} ${generic(every)}`);
}

export async function lobby() {
  const { rooms } = await list("", { game: "arena", free: true });
  const { room, code } = await create("", { game: "arena", private: true, options: { round_seconds: 60 } });
  const games: RoomList<Pong> = await list<Pong>("", { game: "pong", metadata: { map: "Small", points_to_win: 11 } });
  const [game] = games.rooms;
  same<NonNullable<typeof game>, RoomInfo<Pong>>(true);
  const points: number | undefined = game?.metadata?.points_to_win;
  same<NonNullable<typeof game>["bots"], number>(true);
  same<NonNullable<typeof game>["spectate"], boolean>(true);
  for await (const { metadata } of listAll<Pong>("", { metadata: { map: "Large" } })) console.log(metadata?.map);
  await list<EveryKind>("", { metadata: { amount: 5 } });
  await list("", { metadata: { anything: true } });
  await list<Arena>("", { game: "arena" });
  await join("", { game: "anything", joinOptions: { anything: [1] } });
  await join<EveryKind>("", { game: "every-kind", joinOptions: { Player: { name: "Ada", seed: 5 } } });
  const described = (error: unknown) => (error instanceof JoinError ? (error.field satisfies string | undefined) : "");
  return [rooms[0]?.held_seats, room, code, points, rooms[0]?.metadata.anything, described];
}

/** No member of a typed room, and none of what it gives, is `any`. */
type AnyIn<T> = { [Key in keyof T]: IsAny<T[Key]> extends true ? Key : never }[keyof T];
same<AnyIn<Room<Arena>>, never>(true);
same<AnyIn<Shown<Arena>["tables"]>, never>(true);
same<AnyIn<EntityOf<Frontier, "ships">>, never | undefined>(true);
same<IsAny<RoomEvent<Arena>>, false>(true);
same<IsAny<Parameters<Room<Arena>["command"]>[0]>, false>(true);
same<IsAny<Awaited<ReturnType<Room<Arena>["command"]>>>, false>(true);
same<IsAny<Parameters<Room<Arena>["input"]>[0]>, false>(true);
