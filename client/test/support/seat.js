/** A server of one seat, whose session can be resumed, on a fake clock and over connections that break. */

/** @import { FakeClock } from "./fake-clock.js" */
/** @import { Content, Row } from "./server.js" */

import { worldLayout } from "../../src/codec/layout.js";
import { readControl } from "../../src/messages/control.js";
import { allParts, tableStructs } from "../../src/view/struct.js";
import { encodeU32 } from "../../src/wire/bincode.js";
import { FakeLobby, notUpgraded, refuse } from "./fake-lobby.js";
import { FakeSocket } from "./fake-socket.js";
import { Delivery } from "./room/delivery.js";
import { FakeServer } from "./server.js";
import { bytes, vectors } from "./vectors.js";

/** The time between two ticks. */
export const TICK_MS = 1000 / 30;
/** The delay of one direction. */
export const LATENCY_MS = 20;

const welcome = readControl(bytes(vectors.welcome));
if (welcome.type !== "welcome") throw new Error("the vectors have no welcome");
const layout = worldLayout(allParts(tableStructs(welcome.schema)));
/** The end of every welcome: the schema, after its hash. */
const schema = vectors.welcome.slice(vectors.welcome.indexOf(hashBytes(vectors.schema_hash)));

/** @param {string} hash */
function hashBytes(hash) {
  return `fd${Buffer.from(hash, "hex").reverse().toString("hex")}`;
}

/**
 * The values of a welcome that tests choose.
 *
 * @typedef {object} WelcomeValues
 * @property {string} session
 * @property {number} [resumeSeconds]
 * @property {number} [reloadSeconds]
 * @property {number} [player]
 * @property {boolean} [spectator]
 * @property {string} [room]
 * @property {number} [tick]
 * @property {number} [epoch]
 * @property {number} [lastInput]
 * @property {number} [lastCommand]
 * @property {number} [nextMessage]
 */

/**
 * A welcome of the kitchen.
 *
 * @param {WelcomeValues} values
 */
export function writeWelcome({ session, room = "k7m2pa", spectator = false, ...values }) {
  const { resumeSeconds = 30, reloadSeconds = 8, player = 3, tick = 0 } = values;
  const { epoch = 1, lastInput = 0, lastCommand = 0, nextMessage = 1 } = values;
  const text = (/** @type {string} */ text) => [...encodeU32(text.length), ...Buffer.from(text)];
  const place = [...["kitchen", room, ""].flatMap(text), ...encodeU32(player), Number(spectator)];
  const seat = [...text(session), ...[resumeSeconds, reloadSeconds].flatMap(encodeU32)];
  const marks = [epoch, lastInput, lastCommand, nextMessage].flatMap(encodeU32);
  return Uint8Array.of(0, 0, 1, ...place, ...[300, 30, tick].flatMap(encodeU32), ...seat, 1, 0, ...marks, ...bytes(schema));
}

/**
 * The session token among the subprotocols of a request.
 *
 * @param {string[]} protocols
 */
export function sessionIn(protocols) {
  const words = "drumline.session.";
  return protocols.find((protocol) => protocol.startsWith(words))?.slice(words.length);
}

/**
 * The socket of a client. Messages in flight are lost when the connection breaks.
 */
export class SeatSocket extends FakeSocket {
  /** True if nothing gets through any more, in either direction. */
  dead = false;
  /** True once the server has sent a welcome. */
  welcomed = false;
  /** True once the server has received a message. */
  received = false;

  /**
   * Breaks the connection, with a `close` event at the client.
   *
   * @param {number} [code]
   */
  cut(code = 1006) {
    this.dead = true;
    this.end(code, "");
  }
}

/** The server. It ticks by itself as time passes. */
export class SeatServer {
  /** The answer to a handshake: `yes`, `down` (no connection), `mute` (no answer), or `dumb` (the welcome is lost). */
  answer = "yes";
  resumeSeconds = 30;
  reloadSeconds = 8;
  player = 3;
  /** The valid tokens. */
  tokens = new Set();
  /** Every token that was sent, in order. */
  sentTokens = /** @type {string[]} */ ([]);
  /** @type {SeatSocket[]} Every socket that was made. */
  sockets = [];
  /** The low 16 bits of the numbers of the inputs received. */
  inputs = /** @type {number[]} */ ([]);
  /** The events, replies and commands of the seat. */
  delivery;
  /** The numbers of resumes with a delta and with a keyframe. */
  deltas = 0;
  keyframes = 0;
  tick = 100;
  /** @type {SeatSocket | undefined} The socket of the seat. */
  line;
  WebSocket;
  lobby = new FakeLobby();

  #clock;
  #random;
  #server = new FakeServer(layout);
  /** @type {Content} */
  #world = layout.classes[0].map((index) => this.#rows(index, 0));
  /** True if the next snapshot may be a delta. */
  #follows = false;
  #resumed = false;
  #rewound = false;

  /**
   * @param {FakeClock} clock
   * @param {(below: number) => number} random
   */
  constructor(clock, random) {
    this.#clock = clock;
    this.#random = random;
    this.delivery = new Delivery(random);
    this.lobby.handshake = ({ headers }) => {
      const session = sessionIn((headers.get("drumline-protocol") ?? "").split(", "));
      return this.tokens.has(session) ? notUpgraded() : refuse(403, "unknown_session");
    };
    const server = this;
    this.WebSocket = /** @type {any} */ (
      class extends SeatSocket {
        /** @param {string} url @param {string[]} protocols */
        constructor(url, protocols) {
          super(url, protocols);
          server.sockets.push(this);
          clock.setTimeout(() => server.#accept(this), 2 * LATENCY_MS);
        }

        /** @param {Uint8Array} message */
        send(message) {
          super.send(message);
          server.#receive(this, message);
        }

        /** @param {number} code @param {string} [reason] */
        close(code, reason) {
          super.close(code, reason);
          this.readyState = 2;
        }
      }
    );
    clock.setTimeout(() => this.#step(), TICK_MS);
  }

  /** The newest socket. */
  get socket() {
    return this.sockets[this.sockets.length - 1];
  }

  /** The server's answers over HTTP. @type {typeof globalThis.fetch} */
  fetch = async (address, init) => {
    if (this.answer !== "yes") {
      throw new TypeError("not reachable");
    }
    return this.lobby.fetch(address, init);
  };

  /** Goes back by so many ticks. @param {number} ticks */
  rewind(ticks) {
    this.tick -= ticks;
    this.#follows = false;
    this.#rewound = true;
  }

  /** @param {SeatSocket} socket */
  #accept(socket) {
    if (socket.closedWith !== undefined || this.answer === "mute") {
      return;
    }
    const query = new URL(socket.url).searchParams;
    const session = sessionIn(socket.protocols);
    if (this.answer === "down" || (session !== undefined && !this.tokens.has(session))) {
      socket.cut();
      return;
    }
    const before = this.line;
    if (before !== undefined && before !== socket) {
      // The close arrives after the delay.
      this.#clock.setTimeout(() => before.dead || before.end(4005, "a newer connection has taken this seat"), LATENCY_MS);
    }
    const token = `seat-3.${this.sentTokens.length + 1}`;
    this.sentTokens.push(token);
    this.tokens.add(token);
    this.line = socket;
    this.#resumed = session !== undefined;
    this.#follows = session !== undefined && !this.#rewound && query.get("tick") === String(this.#server.tick);
    this.#rewound = false;
    socket.open();
    socket.dead = this.answer === "dumb";
    socket.welcomed = true;
    const { resumeSeconds, reloadSeconds, player, tick, inputs } = this;
    const held = { session: token, resumeSeconds, reloadSeconds };
    this.#deliver(socket, writeWelcome({ ...held, player, tick, lastInput: inputs.at(-1) ?? 0, ...this.delivery.begin() }));
  }

  /**
   * @param {SeatSocket} socket
   * @param {Uint8Array} message
   */
  #receive(socket, message) {
    if (socket.dead || socket !== this.line) {
      return;
    }
    // The welcome has arrived: only its token is valid from now on.
    this.tokens = new Set([this.sentTokens[this.sentTokens.length - 1]]);
    socket.received = true;
    if (message[0] === 1) {
      this.inputs.push(message[1] | (message[2] << 8));
      this.delivery.acknowledge(message[3] | (message[4] << 8));
    } else if (message[0] === 0 && message[1] >= 2) {
      this.delivery.receive(message);
    } else if (message[0] === 0 && message[1] === 0) {
      this.#deliver(socket, Uint8Array.of(0, 2, ...message.subarray(2), ...encodeU32(this.tick)));
    }
  }

  /**
   * @param {SeatSocket} socket
   * @param {Uint8Array} message
   */
  #deliver(socket, message) {
    this.#clock.setTimeout(() => socket.dead || socket.deliver(message), LATENCY_MS);
  }

  #step() {
    this.#clock.setTimeout(() => this.#step(), TICK_MS);
    this.tick++;
    this.#change();
    this.delivery.step();
    const { line } = this;
    if (line === undefined || !line.welcomed || line.readyState !== 1) {
      return;
    }
    this.delivery.flush(this.tick).forEach((message) => this.#deliver(line, message));
    const ticks = this.tick - this.#server.tick;
    this.#follows &&= ticks <= 31;
    if (this.#resumed) {
      this.deltas += Number(this.#follows);
      this.keyframes += Number(!this.#follows);
    }
    const content = structuredClone(this.#world);
    const message = this.#follows
      ? this.#server.delta([content], { ticks, hash: true })
      : this.#server.keyframe(this.tick, [content]);
    this.#follows = true;
    this.#resumed = false;
    this.#deliver(line, message);
  }

  /** Spawns some entities, despawns some, and moves all. */
  #change() {
    layout.classes[0].forEach((part, index) => {
      const rows = this.#world[index];
      const { single, row } = layout.parts[part];
      rows.forEach(([, , columns]) => {
        const at = this.#random(columns.length || 1);
        columns[at] = (columns[at] + this.#random(3)) % (row.max[at] + 1);
      });
      if (!single) {
        const kept = rows.filter(() => this.#random(40) > 0);
        const newest = Math.max(-1, ...kept.map(([slot]) => slot));
        this.#world[index] = kept.length < 6 ? [...kept, ...this.#rows(part, newest + 1)] : kept;
      }
    });
  }

  /**
   * A new row of a part.
   *
   * @param {number} part
   * @param {number} slot
   * @returns {Row[]}
   */
  #rows(part, slot) {
    const { width } = layout.parts[part].row;
    return [[slot, 0, new Array(width).fill(0)]];
  }
}
