/** The server's side of delivery: numbered events and replies, kept until acknowledged, and commands in order. */

import { encodeU32 } from "../../../src/wire/bincode.js";

/** Bytes of a message that is sent whole, and of a fragment. */
const WHOLE_BYTES = 1024;
/** Commands that a tick executes, and that may wait. */
const EXECUTED = 2;
const WAITING = 5;

/** @typedef {{ number: number, bytes: Uint8Array, tick: number | undefined }} Kept `tick`: of the snapshot that it came before */

/** One seat's messages in both directions. */
export class Delivery {
  epoch = 1;
  /** The highest number of a command that was accepted. */
  accepted = 0;
  /** The requests that were executed, in order: the bytes of each command or chat message after its number. */
  executed = /** @type {string[]} */ ([]);
  /** The number of the next event or reply. */
  next = 1;
  /** Commands that were refused, because the queue was full. */
  refusals = 0;

  #random;
  /** @type {{ number: number, reply: boolean, chat: boolean, body: Uint8Array }[]} */
  #queue = [];
  /** @type {Kept[]} Messages that the client has not acknowledged. */
  #kept = [];
  /** @type {Kept[]} Those of them that are to be sent on this connection. */
  #toSend = [];
  /** @type {Uint8Array[][]} For each lane the fragments that are left of the message under way. */
  #lanes = [[], []];
  /** @type {Kept | undefined} The reliable message under way. */
  #underWay;
  /** @type {Uint8Array[]} Messages that are neither numbered nor kept. */
  #others = [];
  /** @type {Uint8Array[]} Large ones, which wait for their lane. */
  #large = [];
  /** The number that the client was last told of. */
  #told = 0;
  /** The tick of the first snapshot on this connection. */
  #since = Infinity;

  /** @param {(below: number) => number} random */
  constructor(random) {
    this.#random = random;
  }

  /** Begins a connection: its marks in the welcome. */
  begin() {
    this.#kept.forEach((message) => (message.tick = undefined));
    this.#toSend = [...this.#kept];
    this.#lanes = [[], []];
    this.#underWay = undefined;
    this.#others = [];
    this.#large = [];
    this.#told = this.accepted;
    this.#since = Infinity;
    return { epoch: this.epoch, lastCommand: this.accepted, nextMessage: this.#kept[0]?.number ?? this.next };
  }

  /** Sends an event to the client. @param {number} by @param {string} [whom] */
  emit(by, whom = "") {
    this.#keep(eventBytes(1, by, whom));
  }

  /** Sends an event that is not kept. @param {number} by */
  emitLatest(by) {
    this.#others.push(eventBytes(8, by, ""));
  }

  /** Sends a chat message. @param {string} text */
  say(text) {
    const message = Uint8Array.of(0, 4, 1, 5, 0, 0, ...string(text));
    (message.length > WHOLE_BYTES ? this.#large : this.#others).push(message);
  }

  /** @param {Uint8Array} message an ack, a command or a chat message */
  receive(message) {
    const [number, at] = readU32(message, 2);
    if (message[1] === 2) {
      this.acknowledge(number & 0xffff);
    } else if (number === this.accepted + 1 && this.#queue.length < WAITING) {
      this.accepted++;
      this.#queue.push({ number, reply: message[at] === 1, chat: message[1] === 4, body: message.subarray(at + 1) });
    } else if (number === this.accepted + 1) {
      this.refusals++;
      this.#keep(Uint8Array.of(0, 3, ...encodeU32(number), 1, 0));
    }
  }

  /** @param {number} tick the low 16 bits of the newest snapshot that the client has */
  acknowledge(tick) {
    if (tick >= this.#since) {
      this.#kept = this.#kept.filter((message) => message.tick === undefined || message.tick > tick);
    }
  }

  /** Drops the messages that the client has not acknowledged, as if it had been away for too long. */
  overflow() {
    this.#kept = [];
  }

  /**
   * Goes back to an earlier state, from which another epoch begins.
   *
   * @param {{ accepted: number, next: number }} state
   */
  restore({ accepted, next }) {
    this.epoch++;
    this.accepted = accepted;
    this.next = next;
    this.executed.length = accepted;
    this.#queue = [];
    this.#kept = [];
  }

  /** Executes commands. */
  step() {
    for (const { number, reply, chat, body } of this.#queue.splice(0, EXECUTED)) {
      this.executed.push(Buffer.from(body).toString("hex"));
      if (reply) {
        const value = chat ? [] : encodeU32(number);
        this.#keep(Uint8Array.of(0, 3, ...encodeU32(number), 0, value.length, ...value));
      }
    }
  }

  /**
   * The messages of a tick, before its snapshot.
   *
   * @param {number} tick
   */
  flush(tick) {
    this.#since = Math.min(this.#since, tick);
    const messages = this.#others.splice(0);
    this.#startLarge();
    this.#flushReliable(tick, messages);
    if (this.accepted > this.#told) {
      this.#told = this.accepted;
      messages.push(Uint8Array.of(0, 7, ...encodeU32(this.accepted)));
    }
    for (const lane of this.#random(2) === 0 ? [0, 1] : [1, 0]) {
      messages.push(...this.#lanes[lane].splice(0, 1 + this.#random(2)));
    }
    if (this.#underWay !== undefined && this.#lanes[0].length === 0) {
      this.#underWay.tick = tick;
      this.#underWay = undefined;
    }
    return messages;
  }

  /** @param {Uint8Array} bytes */
  #keep(bytes) {
    const message = { number: this.next++, bytes, tick: undefined };
    this.#kept.push(message);
    this.#toSend.push(message);
  }

  #startLarge() {
    if (this.#lanes[1].length === 0 && this.#large.length > 0) {
      this.#lanes[1] = fragments(this.#large.splice(0, 1)[0], 1);
    }
  }

  /** @param {number} tick @param {Uint8Array[]} messages */
  #flushReliable(tick, messages) {
    while (this.#underWay === undefined && this.#toSend.length > 0) {
      const [message] = this.#toSend.splice(0, 1);
      if (message.bytes.length > WHOLE_BYTES) {
        this.#underWay = message;
        this.#lanes[0] = fragments(message.bytes, 0);
      } else {
        message.tick = tick;
        messages.push(message.bytes);
      }
    }
  }
}

/** @param {number} variant @param {number} by @param {string} whom */
function eventBytes(variant, by, whom) {
  const body = [0, ...encodeU32(by), ...string(whom)];
  return Uint8Array.of(0, variant, 9, ...encodeU32(body.length), ...body);
}

/** @param {string} text */
function string(text) {
  return [...encodeU32(text.length), ...Buffer.from(text)];
}

/**
 * A message in fragments.
 *
 * @param {Uint8Array} message
 * @param {number} lane
 */
export function fragments(message, lane) {
  const head = 3 | (lane << 3);
  const parts = Array.from({ length: Math.ceil(message.length / WHOLE_BYTES) }, (_, index) =>
    message.subarray(index * WHOLE_BYTES, (index + 1) * WHOLE_BYTES),
  );
  const length = [(message.length & 127) | 128, message.length >> 7];
  return parts.map((part, index) => Uint8Array.of(...(index === 0 ? [head | 4, ...length] : [head]), ...part));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[value: number, end: number]}
 */
function readU32(bytes, at) {
  const size = { 251: 2, 252: 4 }[bytes[at]];
  if (size === undefined) {
    return [bytes[at], at + 1];
  }
  const value = bytes.subarray(at + 1, at + 1 + size).reduceRight((value, byte) => value * 256 + byte, 0);
  return [value, at + 1 + size];
}
