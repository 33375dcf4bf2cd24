/** Doing something at a steady rate, and never in bursts. */

/**
 * The time and timers that a room lives by.
 *
 * @typedef {object} Clock
 * @property {() => number} now in milliseconds; only differences matter
 * @property {(action: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/** @type {Clock} The browser's own. */
export const systemClock = {
  now: () => performance.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Calls `action` every `periodMs`. A timer's small delays are made up for, so the rate is kept; calls that were missed, as in a
 * hidden page, are not.
 *
 * @param {Clock} clock
 * @param {number} periodMs
 * @param {(now: number) => void} action
 * @returns {() => void} stops it
 */
export function pace(clock, periodMs, action) {
  let due = clock.now() + periodMs;
  let timer = clock.setTimeout(fire, periodMs);
  function fire() {
    const now = clock.now();
    due = now - due > periodMs ? now + periodMs : due + periodMs;
    timer = clock.setTimeout(fire, due - now);
    action(now);
  }
  return () => clock.clearTimeout(timer);
}
