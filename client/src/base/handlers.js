/** Calls of a page's functions. One that throws must not keep the client, or another function, from what comes next. */

/**
 * The result of a function that has thrown.
 *
 * @internal
 */
export const THREW = Symbol("threw");

/**
 * A function of the page has thrown: the message names it, and `cause` is what it threw. The client goes on, and this error
 * reaches the page as an unhandled one, in `window.onerror` and the console.
 */
export class HandlerError extends Error {
  /**
   * @param {string} of the event or call that it was passed to, such as `"despawn"` or `track("ships")`
   * @param {string} handler the function's name; empty if it has none
   * @param {unknown} cause
   */
  constructor(of, handler, cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`${handler === "" ? "an unnamed function" : `the function ${handler}`} of ${of} threw: ${message}`, { cause });
    this.name = "HandlerError";
  }
}

/**
 * Calls a function of the page. If it throws, the error is reported as unhandled.
 *
 * @internal
 * @param {string} of the event or call that it was passed to
 * @param {Function} handler
 * @param {any[]} args
 * @param {any} [self] its `this`
 * @returns {any} its result, or {@link THREW}
 */
export function callHandler(of, handler, args, self) {
  try {
    return Reflect.apply(handler, self, args);
  } catch (cause) {
    report(new HandlerError(of, handler.name, cause));
    return THREW;
  }
}

/**
 * Throws a TypeError if a value is no function: an error is of most use where the value was passed.
 *
 * @internal
 * @param {string} name of the value
 * @param {unknown} value
 */
export function checkFunction(name, value) {
  if (typeof value !== "function") {
    throw new TypeError(`${name} must be a function, not ${value === null ? "null" : typeof value}`);
  }
}

/** @param {Error} error */
function report(error) {
  const { reportError } = globalThis;
  if (typeof reportError === "function") {
    reportError(error);
  } else {
    // Node.js has no `reportError`.
    queueMicrotask(() => {
      throw error;
    });
  }
}
