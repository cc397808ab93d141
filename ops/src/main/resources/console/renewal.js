// Keeps a session's token fresh: asks the embedder for a newer one before it runs out, and when the relay refuses it.

import { readToken } from './token.js';

/** Asked for this long before the token runs out, or at four fifths of what is left of a short life. */
const AHEAD_MS = 120_000;
const PART = 0.8;
/** Between two attempts while the embedder has none. */
const RETRY_MS = 5000;
/** The longest a timer waits. */
const LONGEST_MS = 0x7fffffff;
/** Attempts after the token has run out, or was refused; then the refusal stands. */
const MAX_LATE = 6;

/** One per session. Calls `taken` with every newer token. */
export class TokenRenewal {
  #renew;
  #taken;
  #claims;
  #timer = 0;
  #asking = null;
  #late = 0;
  #stopped = false;

  /**
   * @param {{token: string, renew: () => Promise<string>, taken: (token: string) => void}} options `renew` gives a
   *   token of the same participant and consultation
   */
  constructor({ token, renew, taken }) {
    this.#renew = renew;
    this.#taken = taken;
    this.#claims = readToken(token);
  }

  /** From now on it asks in time. */
  start() {
    const left = (this.#claims.expiresAtMs ?? Infinity) - Date.now();
    this.#later(Math.max(left - AHEAD_MS, left * PART));
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * The relay has refused the token, or it is known to have run out: asks now. Who tries again meanwhile does so with
   * the newer token once it is there.
   * @param {import('./problem.js').Refusal} refusal
   * @returns {boolean} false when the refusal stands
   */
  wants(refusal) {
    if (refusal.status !== 401 || this.#stopped || this.#late >= MAX_LATE) {
      return false;
    }
    this.now();
    return true;
  }

  /** @returns {Promise<boolean>} true when a newer token has been taken */
  now() {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask() {
    clearTimeout(this.#timer);
    this.#late += 1;
    try {
      const token = await this.#renew();
      const claims = readToken(token ?? '');
      const { participant, consultation, expiresAtMs } = this.#claims;
      if (claims?.participant !== participant || claims.consultation !== consultation
        || (claims.expiresAtMs ?? Infinity) <= (expiresAtMs ?? 0)) {
        throw new Error('not a newer token of this participant and consultation');
      }
      if (this.#stopped) {
        return false;
      }
      this.#claims = claims;
      this.#late = 0;
      this.#taken(token);
      this.start();
      return true;
    } catch (error) {
      console.warn(`token not renewed: ${error.message}`);
      if (this.#late < MAX_LATE || Date.now() < (this.#claims.expiresAtMs ?? 0)) {
        this.#later(RETRY_MS);
      }
      return false;
    }
  }

  #later(ms) {
    clearTimeout(this.#timer);
    if (!this.#stopped && Number.isFinite(ms)) {
      this.#timer = setTimeout(() => this.now(), Math.min(LONGEST_MS, Math.max(0, ms)));
    }
  }
}
