// When to try again: doubling with jitter, from a quarter of a second to eight seconds.

const FIRST_MS = 250;
const LONGEST_MS = 8000;

/** Delays between attempts. One object per connection that is kept up. */
export class Backoff {
  #attempt = 0;

  /** @param {() => number} [random] uniform in [0, 1) */
  constructor(random = Math.random) {
    this.random = random;
  }

  /** Attempts since the last success. */
  get attempt() {
    return this.#attempt;
  }

  /** @returns {number} milliseconds to wait before the next attempt */
  next() {
    const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    return Math.round(whole * (0.5 + this.random() / 2));
  }

  /** It works again. */
  reset() {
    this.#attempt = 0;
  }
}
