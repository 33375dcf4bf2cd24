/** The errors that a client reports to the page as unhandled. */

import assert from "node:assert/strict";

/** @import { TestContext } from "node:test" */

/**
 * Collects them for the time of a test, as a browser's `reportError` does.
 *
 * @param {TestContext} context
 */
export function collectUnhandled(context) {
  /** @type {any[]} */
  const errors = [];
  Object.assign(globalThis, { reportError: (/** @type {unknown} */ error) => errors.push(error) });
  context.after(() => Reflect.deleteProperty(globalThis, "reportError"));
  return errors;
}

/** The error that {@link fail} throws. */
export const BOOM = new Error("boom");

/** Throws. */
export function fail() {
  throw BOOM;
}

/**
 * Checks that errors are those of some functions.
 *
 * @param {any[]} errors
 * @param {string[]} functions each as `name of event`
 */
export function assertUnhandled(errors, functions) {
  assert.deepEqual(errors.map(({ message }) => message), functions.map((name) => `the function ${name} threw: boom`));
  assert.ok(errors.every(({ name, cause }) => name === "HandlerError" && cause === BOOM));
}
