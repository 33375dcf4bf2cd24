/** A WebSocket for tests. */

/** A WebSocket without a network: the test plays its server. */
export class FakeSocket extends EventTarget {
  /** @type {FakeSocket} The newest socket. */
  static last;

  binaryType = "blob";
  /** The state, as of a WebSocket: connecting 0, open 1, closed 3. */
  readyState = 0;
  /** @type {Uint8Array[]} */
  sent = [];
  /** @type {[number, string | undefined] | undefined} */
  closedWith;

  /**
   * @param {string} url
   * @param {string | string[]} protocols
   */
  constructor(url, protocols) {
    super();
    this.url = url;
    this.protocols = [protocols].flat();
    this.protocol = this.protocols[0];
    FakeSocket.last = this;
  }

  /** @param {Uint8Array} message */
  send(message) {
    this.sent.push(message);
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  close(code, reason) {
    this.closedWith = [code, reason];
  }

  /** Opens the socket, as if the server had accepted it. */
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /**
   * Delivers a message from the server.
   *
   * @param {Uint8Array} message
   */
  deliver(message) {
    this.dispatchEvent(new MessageEvent("message", { data: Uint8Array.from(message).buffer }));
  }

  /**
   * Ends the connection.
   *
   * @param {number} code
   * @param {string} reason
   */
  end(code, reason) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason, wasClean: code !== 1006 }));
  }
}
