/** A proxy between pages and a server, whose connections can break. */

/** @import { Socket } from "node:net" */

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Forwards connections to a server, until it breaks them.
 */
export class Proxy {
  /** Its address, `http://…`. */
  url = "";
  /** True if no connection gets through any more. */
  closed = false;
  /** @type {Set<{ near: Socket, far: Socket }>} */
  #lines = new Set();
  #target;
  #server = createServer((near) => this.#pass(near));

  /** @param {string} target the server's address */
  constructor(target) {
    this.#target = new URL(target);
  }

  /** @param {string} target the server's address */
  static async start(target) {
    const proxy = new Proxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (proxy.#server.address());
    proxy.url = `http://127.0.0.1:${port}`;
    return proxy;
  }

  /** Breaks all connections. */
  cut() {
    for (const { near, far } of this.#lines) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.#lines.clear();
  }

  /** Stops forwarding on all open connections, without closing them. */
  hold() {
    for (const { near, far } of this.#lines) {
      near.unpipe(far);
      far.unpipe(near);
      near.pause();
      far.pause();
    }
  }

  /** Ends it. */
  stop() {
    this.cut();
    this.#server.close();
  }

  /** @param {Socket} near */
  #pass(near) {
    if (this.closed) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(this.#target.port), this.#target.hostname);
    const line = { near, far };
    this.#lines.add(line);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      // When one side ends, for any reason, the other one ends too.
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#lines.delete(line);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}
