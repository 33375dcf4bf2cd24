/** A room whose world a test sets tick by tick: some sparks, and the weather. */

/** @import { Content } from "../server.js" */

import { worldLayout } from "../../../src/codec/layout.js";
import { join } from "../../../src/drumline.js";
import { readControl } from "../../../src/messages/control.js";
import { allParts, tableStructs } from "../../../src/view/struct.js";
import { FakeClock } from "../fake-clock.js";
import { FakeLobby, settle } from "../fake-lobby.js";
import { FakeSocket } from "../fake-socket.js";
import { FakeServer } from "../server.js";
import { bytes, vectors } from "../vectors.js";

export const TICK_MS = 1000 / 30;

const welcome = readControl(bytes(vectors.welcome));
if (welcome.type !== "welcome") throw new Error("the vectors have no welcome");
const structs = tableStructs(welcome.schema);
const layout = worldLayout(allParts(structs));

/** @typedef {[slot: number, generation: number, x: number]} Spark a spark that does not move by itself */

/** A joined room and its server. */
export class Kitchen {
  #server;
  /** @type {Spark[]} */
  sparks = [];
  wind = 0;

  /** Joins. */
  static async join() {
    const clock = new FakeClock();
    const WebSocket = /** @type {any} */ (FakeSocket);
    const joining = join("https://example.test/", { game: "kitchen", clock, WebSocket, fetch: new FakeLobby().fetch });
    await settle();
    const socket = FakeSocket.last;
    socket.open();
    socket.deliver(bytes(vectors.welcome));
    const server = new FakeServer(layout);
    socket.deliver(server.keyframe(0, [contentOf([], 0)]));
    return new Kitchen(clock, socket, server, await joining);
  }

  /**
   * @param {FakeClock} clock
   * @param {FakeSocket} socket
   * @param {FakeServer} server
   * @param {Awaited<ReturnType<typeof join>>} room
   */
  constructor(clock, socket, server, room) {
    this.#server = server;
    this.clock = clock;
    this.socket = socket;
    this.room = room;
  }

  /** The inputs that the client has sent. */
  get inputs() {
    return this.socket.sent.filter(([kind]) => kind === 1).length;
  }

  /**
   * Lets a tick pass, and then delivers its snapshot.
   *
   * @param {Spark[]} [sparks] from now on
   * @param {number} [keyframe] its tick; without it the snapshot is a delta
   */
  tick(sparks = this.sparks, keyframe = /** @type {number | undefined} */ (undefined)) {
    this.sparks = sparks;
    this.clock.pass(TICK_MS);
    const content = [contentOf(this.sparks, this.wind)];
    const isKeyframe = keyframe !== undefined;
    this.socket.deliver(isKeyframe ? this.#server.keyframe(keyframe, content) : this.#server.delta(content, { hash: true }));
  }

  /**
   * Lets ticks pass, and draws a frame after each.
   *
   * @param {number} count
   */
  play(count) {
    for (let tick = 0; tick < count; tick++) {
      this.tick();
      this.room.view();
    }
  }
}

/**
 * The kitchen with some sparks and a wind.
 *
 * @param {Spark[]} sparks
 * @param {number} wind
 * @returns {Content}
 */
function contentOf(sparks, wind) {
  return layout.classes[0].map((part) => {
    const { name = "", base } = structs.find(({ base }) => base.index === part) ?? {};
    /** @param {Record<string, any>} values @returns {number[]} */
    const columns = (values) => {
      const row = new Uint32Array(layout.parts[part].row.width);
      base?.struct.write(values, row);
      return [...row];
    };
    switch (name) {
      case "sparks":
        return sparks.map(([slot, generation, x]) => [slot, generation, columns({ x, speed: 0 })]);
      case "weather":
        return [[0, 0, columns({ wind })]];
      default:
        return [];
    }
  });
}
