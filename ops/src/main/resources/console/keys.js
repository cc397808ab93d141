// Keys of an end-to-end encrypted consultation: secret of the link, epochs, one key per sender and kind, safety code.
// The relay never has any of it. Runs in pages and workers.

import { Emitter } from './emitter.js';
import { Refusal } from './problem.js';
import { concat, decodeHeader, expand, hmac, hmacKey, MAX_COUNTER, SFrameError, SFrameKey, uint64 } from './sframe.js';

export const SECRET_BYTES = 32;
export const EPOCH_BYTES = 64;
const HASH = 'SHA-512';
const CODE_ROUNDS = 210_000;
/** Epochs that are held: blocks of device streams may be sent again long after. */
const MAX_EPOCHS = 16;
/** How long what was under way at a change of epoch is still taken. */
const GRACE_MS = 10_000;
const MAX_KEYS = 256;
const WINDOW = 1024;
/** 40 random bits of a key id are below its epoch. */
const KID_RANDOM = 2 ** 40;
/** Kinds whose counters are windowed and whose earlier epoch ends; sequences guard the others. */
const PASSING = new Set(['audio', 'video', 'chat', 'annotation']);
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes as base64url without padding. @param {Uint8Array} bytes */
export function toBase64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The bytes of base64url without padding, null when it is none. @param {string} text */
export function fromBase64Url(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
}

/**
 * The secret in a join link, as it stands there; '' when there is none.
 * @param {string} text a link, or its fragment
 */
export function secretIn(text) {
  const found = /[#&]s=([^&\s]*)/.exec(text.trim());
  return found ? found[1] : '';
}

/**
 * The bytes of a secret.
 * @param {string|Uint8Array} secret 43 characters of base64url, or 32 bytes
 * @throws {Refusal} titled `key-malformed` when it has another length
 */
export function secretBytes(secret) {
  const bytes = typeof secret === 'string' ? fromBase64Url(secret) : secret;
  if (bytes?.length !== SECRET_BYTES || (typeof secret === 'string' && secret.length !== 43)) {
    throw new Refusal(400, 'key-malformed',
      `The key in this link is not whole: it must have 43 characters (${SECRET_BYTES} bytes).`);
  }
  return bytes;
}

/**
 * The secret of epoch 0.
 * @param {Uint8Array} secret 32 bytes
 * @param {string} [joinCode] what the participants told each other by another way
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 64 bytes
 */
export async function epochZero(secret, joinCode = '') {
  const code = joinCode.normalize('NFC').trim().toUpperCase();
  let stretched = new Uint8Array(0);
  if (code !== '') {
    const password = await crypto.subtle.importKey('raw', encoder.encode(code), 'PBKDF2', false, ['deriveBits']);
    stretched = new Uint8Array(await crypto.subtle.deriveBits(
      { name: 'PBKDF2', hash: HASH, salt: secret, iterations: CODE_ROUNDS }, password, 8 * SECRET_BYTES));
  }
  return hmac(await hmacKey(encoder.encode('chevet e2ee 1'), HASH), concat(secret, stretched));
}

/**
 * The epochs that are held, as keys that do not leave WebCrypto. Events: `change` when one is added or another one is
 * needed.
 */
export class Keyring extends Emitter {
  /** @type {Map<number, CryptoKey>} by number, oldest first */
  #epochs = new Map();
  #needed = 0;
  #changedMs = -Infinity;
  #now;

  /** @param {() => number} [nowMs] monotonic milliseconds */
  constructor(nowMs = () => performance.now()) {
    super();
    this.#now = nowMs;
  }

  /** Number of the newest epoch held, -1 before the first. */
  get current() {
    return Math.max(-1, ...this.#epochs.keys());
  }

  /** Number of the epoch after the newest that is held or known of. */
  get next() {
    return Math.max(this.current, this.#needed) + 1;
  }

  /** True when what is sent now may be sent: the epoch the consultation is in is held. */
  get ready() {
    return this.current >= this.#needed && this.current >= 0;
  }

  /** What another keyring takes with `restore`: the keys may be posted to a worker. */
  get state() {
    return { epochs: [...this.#epochs], needed: this.#needed };
  }

  /** Takes what another keyring holds. */
  restore({ epochs, needed }) {
    for (const [number, key] of epochs) {
      this.#put(number, key);
    }
    this.needs(needed);
  }

  /** Holds an epoch. @param {number} number @param {Uint8Array} secret 64 bytes */
  async hold(number, secret) {
    if (!Number.isSafeInteger(number) || number < 0 || number > 0xffffffff || secret?.length !== EPOCH_BYTES) {
      throw new RangeError(`epoch ${number} of ${secret?.length} bytes`);
    }
    this.#put(number, await hmacKey(secret, HASH));
    this.emit('change');
  }

  /** Says which epoch the consultation is in: until it is held, nothing is sealed. It never goes back. */
  needs(number) {
    if (number > this.#needed) {
      this.#needed = number;
      this.emit('change');
    }
  }

  holds(number) {
    return this.#epochs.has(number);
  }

  /** Resolves once what is sent may be sent. */
  whenReady() {
    if (this.ready) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const off = this.on('change', () => {
        if (this.ready) {
          off();
          resolve();
        }
      });
    });
  }

  /**
   * The epoch of a key id, for what arrives.
   * @returns {number}
   * @throws {SFrameError} `unknown-epoch`, or `old-epoch` when its grace is over
   */
  epochOf(kid, kind) {
    const top = Math.floor(kid / KID_RANDOM);
    const number = [...this.#epochs.keys()].find((one) => one % 256 === top);
    if (number === undefined) {
      throw new SFrameError('unknown-epoch', 'the key of this epoch is not known here');
    }
    const { current } = this;
    if (PASSING.has(kind) && number < current
      && (number < this.#before(current) || this.#now() - this.#changedMs > GRACE_MS)) {
      throw new SFrameError('old-epoch', 'the epoch is over');
    }
    return number;
  }

  /** Key of one sender, kind and key id. */
  async derive(number, kind, participant, kid) {
    const info = concat('chevet e2ee 1 sender\0', kind, '\0', participant, '\0', uint64(kid));
    return SFrameKey.derive(await this.expand(number, info, SECRET_BYTES), kid);
  }

  /** HKDF-Expand of an epoch's secret. @param {Uint8Array|string} info */
  expand(number, info, length) {
    const key = this.#epochs.get(number);
    if (!key) {
      throw new SFrameError('unknown-epoch', `epoch ${number} is not held`);
    }
    return expand(key, info, length);
  }

  /** Four groups of five digits that people read to each other: the same for all who hold the same keys. */
  async safetyCode() {
    const bytes = await this.expand(this.current, 'chevet e2ee 1 safety code', 8);
    return new DataView(bytes.buffer).getBigUint64(0).toString().padStart(20, '0').match(/\d{5}/g).join(' ');
  }

  #before(current) {
    return Math.max(-1, ...[...this.#epochs.keys()].filter((one) => one < current));
  }

  #put(number, key) {
    if (this.#epochs.has(number)) {
      return;
    }
    if (number > this.current) {
      this.#changedMs = this.#now();
    }
    this.#epochs.set(number, key);
    if (this.#epochs.size > MAX_EPOCHS) {
      this.#epochs.delete(Math.min(...this.#epochs.keys()));
    }
  }
}

/** What one sender seals of one kind. A new object, and each epoch, has a key id of its own. */
export class SealingKey {
  #keyring;
  #kind;
  #participant;
  #inUse = null;

  constructor(keyring, kind, participant) {
    this.#keyring = keyring;
    this.#kind = kind;
    this.#participant = participant;
  }

  /**
   * @param {Uint8Array} plaintext
   * @param {Uint8Array} [metadata] authenticated beside it
   * @param {{clear?: Uint8Array, counter?: number}} [options] bytes put in front; a counter greater than all before,
   *   counted from 0 when not given
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   * @throws {SFrameError} `no-epoch` while the epoch is not held, `exhausted` when counters are used up
   */
  async seal(plaintext, metadata, { clear, counter } = {}) {
    const use = this.#now();
    const next = counter ?? use.next;
    if (next < use.next || next >= MAX_COUNTER) {
      throw new SFrameError('exhausted', `counter ${next} after ${use.next}`);
    }
    use.next = next + 1;
    return (await use.key).seal(next, plaintext, metadata, clear);
  }

  #now() {
    const keyring = this.#keyring;
    if (!keyring.ready) {
      throw new SFrameError('no-epoch', 'the key of this epoch has not arrived yet');
    }
    if (this.#inUse?.epoch !== keyring.current) {
      const epoch = keyring.current;
      const random = crypto.getRandomValues(new Uint8Array(5)).reduce((sum, byte) => sum * 256 + byte, 0);
      const kid = (epoch % 256) * KID_RANDOM + random;
      this.#inUse = { epoch, next: 0, key: keyring.derive(epoch, this.#kind, this.#participant, kid) };
    }
    return this.#inUse;
  }
}

/** Opens what others sealed. Keys that have opened something are kept, with the counters they have opened. */
export class OpeningKeys {
  #keyring;
  #known = new Map();

  /** @param {Keyring} keyring */
  constructor(keyring) {
    this.#keyring = keyring;
  }

  /**
   * @param {string} kind
   * @param {string} participant who must have sealed it
   * @param {Uint8Array} message
   * @param {Uint8Array} [metadata]
   * @param {number} [counter] the only one that is right, where the kind gives it
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   * @throws {SFrameError} when it was not sealed by that participant as this kind, or comes again
   */
  async open(kind, participant, message, metadata, counter) {
    const header = decodeHeader(message);
    if (counter !== undefined && header.counter !== counter) {
      throw new SFrameError('authentication', `counter ${header.counter} instead of ${counter}`);
    }
    const epoch = this.#keyring.epochOf(header.kid, kind);
    const name = `${epoch}/${header.kid}/${kind}/${participant}`;
    const known = this.#known.get(name);
    if (known?.window.seen(header.counter)) {
      throw new SFrameError('replay', 'it came before');
    }
    const key = known?.key ?? await this.#keyring.derive(epoch, kind, participant, header.kid);
    const plaintext = await key.open(header, message, metadata);
    const entry = this.#known.get(name) ?? { key, window: new ReplayWindow() };
    this.#known.delete(name);
    this.#known.set(name, entry);
    if (this.#known.size > MAX_KEYS) {
      this.#known.delete(this.#known.keys().next().value);
    }
    if (PASSING.has(kind) && !entry.window.take(header.counter)) {
      throw new SFrameError('replay', 'it came before');
    }
    return plaintext;
  }
}

/** The last counters of one key that were opened. */
export class ReplayWindow {
  #highest = -1;
  #bits = new Uint32Array(WINDOW / 32);

  /** True when this counter was taken, or is too old to know. */
  seen(counter) {
    if (counter > this.#highest) {
      return false;
    }
    return counter <= this.#highest - WINDOW || (this.#bits[(counter % WINDOW) >>> 5] & (1 << (counter % 32))) !== 0;
  }

  /** Marks it; false when it was seen. */
  take(counter) {
    if (this.seen(counter)) {
      return false;
    }
    if (counter - this.#highest >= WINDOW) {
      this.#bits.fill(0);
    } else {
      for (let i = this.#highest + 1; i < counter; i++) {
        this.#bits[(i % WINDOW) >>> 5] &= ~(1 << (i % 32));
      }
    }
    this.#highest = Math.max(this.#highest, counter);
    this.#bits[(counter % WINDOW) >>> 5] |= 1 << (counter % 32);
    return true;
  }
}

/** Messages of data channels, chat and annotations: each names its sender, and the key proves it. */
export class MessageKeys {
  #keyring;
  #participant;
  #opening;
  #sealing = new Map();

  constructor(keyring, participant) {
    this.#keyring = keyring;
    this.#participant = participant;
    this.#opening = new OpeningKeys(keyring);
  }

  /**
   * @param {'chat'|'annotation'} kind
   * @param {Uint8Array} bytes
   * @returns {Promise<Uint8Array<ArrayBuffer>>} length and name of the sender, then the SFrame message
   */
  seal(kind, bytes) {
    check(kind);
    if (!this.#sealing.has(kind)) {
      this.#sealing.set(kind, new SealingKey(this.#keyring, kind, this.#participant));
    }
    const name = encoder.encode(this.#participant);
    const prefix = concat(Uint8Array.of(name.length), name);
    return this.#sealing.get(kind).seal(bytes, prefix, { clear: prefix });
  }

  /**
   * @param {'chat'|'annotation'} kind
   * @param {Uint8Array} message
   * @returns {Promise<{participant: string, bytes: Uint8Array<ArrayBuffer>}>}
   * @throws {SFrameError} when it is not what the participant it names sealed as this kind
   */
  async open(kind, message) {
    check(kind);
    const length = 1 + (message[0] ?? 0);
    let participant;
    try {
      participant = decoder.decode(message.subarray(1, length));
    } catch {
      throw new SFrameError('malformed', 'the name of the sender is not UTF-8');
    }
    const bytes = await this.#opening.open(kind, participant, message.subarray(length), message.subarray(0, length));
    return { participant, bytes };
  }
}

function check(kind) {
  if (kind !== 'chat' && kind !== 'annotation') {
    throw new RangeError(`${kind} is no kind of message`);
  }
}
