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
  #server = new FakeServer(layout);
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
    return new Kitchen(clock, socket, await joining);
  }

  /**
   * @param {FakeClock} clock
   * @param {FakeSocket} socket
   * @param {Awaited<ReturnType<typeof join>>} room
   */
  constructor(clock, socket, room) {
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
   * @param {number} [keyframe] its tick; without it the snapshot is a delta, after the first
   */
  tick(sparks = this.sparks, keyframe = this.#server.tick === 0 ? 1 : undefined) {
    this.sparks = sparks;
    this.clock.pass(TICK_MS);
    const content = [this.#content()];
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

  /** @returns {Content} */
  #content() {
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
          return this.sparks.map(([slot, generation, x]) => [slot, generation, columns({ x, speed: 0 })]);
        case "weather":
          return [[0, 0, columns({ wind: this.wind })]];
        default:
          return [];
      }
    });
  }
}
