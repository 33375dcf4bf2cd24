/** The clock and timers of a client, and a timer that keeps a steady rate. */

/**
 * A source of time and of timers. Tests pass their own.
 *
 * @typedef {object} Clock
 * @property {() => number} now the time in milliseconds, from any origin
 * @property {(action: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/** @type {Clock} The clock and timers of the browser. */
export const systemClock = {
  now: () => performance.now(),
  setTimeout: (action, ms) => setTimeout(action, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Calls `action` every `periodMs`, and never in bursts. Small delays of a timer are made up for, so that the rate is kept; calls
 * that were missed, as in a hidden page, are not.
 *
 * @param {Clock} clock
 * @param {number} periodMs
 * @param {(now: number) => void} action
 * @returns {() => void} stops the timer
 */
export function pace(clock, periodMs, action) {
  let due = clock.now() + periodMs;
  let timer = clock.setTimeout(fire, periodMs);
  function fire() {
    const now = clock.now();
    // More than a period late: start over from now, instead of calling once for every missed period.
    due = now - due > periodMs ? now + periodMs : due + periodMs;
    timer = clock.setTimeout(fire, due - now);
    action(now);
  }
  return () => clock.clearTimeout(timer);
}
