// SFrame (RFC 9605): header, key schedule and encryption by WebCrypto. Runs in pages and workers.

/** Cipher suites of RFC 9605 section 4.5 with an AEAD that WebCrypto has. Lengths in bytes. */
export const SUITES = {
  AES_128_GCM_SHA256_128: { id: 0x0004, hash: 'SHA-256', hashBytes: 32, keyBytes: 16 },
  AES_256_GCM_SHA512_128: { id: 0x0005, hash: 'SHA-512', hashBytes: 64, keyBytes: 32 },
};
/** The suite that everything here uses. */
export const SUITE = SUITES.AES_256_GCM_SHA512_128;
/** A sender stops here: counters and key ids have 48 bits, which a number holds exactly. */
export const MAX_COUNTER = 2 ** 48;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const encoder = new TextEncoder();

/** A message that is no SFrame message, or that its key does not open. `reason` is a word for counters. */
export class SFrameError extends Error {
  constructor(reason, message) {
    super(message);
    this.name = 'SFrameError';
    this.reason = reason;
  }
}

/** Parts one after the other. @param {...(Uint8Array|string)} parts @returns {Uint8Array<ArrayBuffer>} */
export function concat(...parts) {
  const all = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Eight bytes, the most significant first. @param {number|bigint} value */
export function uint64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)));
  return bytes;
}

/** An HMAC key that does not leave WebCrypto. @param {Uint8Array} bytes @param {string} hash */
export function hmacKey(bytes, hash) {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['sign']);
}

/** HMAC. @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function hmac(key, bytes) {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes));
}

/** HKDF-Expand (RFC 5869) of no more than one block of the hash. */
export async function expand(prk, info, length) {
  return (await hmac(prk, concat(info, Uint8Array.of(1)))).slice(0, length);
}

/** The header: a byte of lengths, key id and counter in as few bytes as hold them (section 4.3). */
export function encodeHeader(kid, counter) {
  const [k, kidBytes] = field(kid);
  const [c, counterBytes] = field(counter);
  return concat(Uint8Array.of((k << 4) | c), kidBytes, counterBytes);
}

/**
 * Reads the header of a message.
 * @param {Uint8Array} message
 * @returns {{kid: number, counter: number, length: number}}
 * @throws {SFrameError} when there is none, or its key id or counter has more than 48 bits
 */
export function decodeHeader(message) {
  if (message.length < 1) {
    throw new SFrameError('malformed', 'an empty message');
  }
  const kidBytes = message[0] & 0x80 ? ((message[0] >> 4) & 7) + 1 : 0;
  const counterBytes = message[0] & 0x08 ? (message[0] & 7) + 1 : 0;
  const length = 1 + kidBytes + counterBytes;
  if (message.length < length + TAG_BYTES) {
    throw new SFrameError('malformed', `${message.length} bytes`);
  }
  const kid = kidBytes > 0 ? read(message, 1, kidBytes) : (message[0] >> 4) & 7;
  const counter = counterBytes > 0 ? read(message, 1 + kidBytes, counterBytes) : message[0] & 7;
  if (kid >= MAX_COUNTER || counter >= MAX_COUNTER) {
    throw new SFrameError('malformed', 'a key id or counter of more than 48 bits');
  }
  return { kid, counter, length };
}

function field(value) {
  if (!Number.isSafeInteger(value) || value < 0 || value >= MAX_COUNTER) {
    throw new RangeError(`${value} is no key id or counter`);
  }
  if (value < 8) {
    return [value, new Uint8Array(0)];
  }
  const bytes = uint64(value);
  const first = bytes.findIndex((one) => one !== 0);
  return [8 | (7 - first), bytes.subarray(first)];
}

function read(bytes, at, length) {
  let value = 0;
  for (let i = at; i < at + length; i++) {
    value = value * 256 + bytes[i];
  }
  return value;
}

/** Key and salt of one key id (section 4.4.2). Made by `SFrameKey.derive`. */
export class SFrameKey {
  #key;
  #salt;

  constructor(kid, key, salt) {
    this.kid = kid;
    this.#key = key;
    this.#salt = salt;
  }

  /**
   * @param {Uint8Array} baseKey
   * @param {number} kid
   * @param {typeof SUITE} [suite]
   * @returns {Promise<SFrameKey>}
   */
  static async derive(baseKey, kid, suite = SUITE) {
    // HKDF-Extract without a salt: WebCrypto takes no empty HMAC key, and zeros are the same (RFC 5869 section 2.2).
    const extract = await hmacKey(new Uint8Array(suite.hashBytes), suite.hash);
    const secret = await hmacKey(await hmac(extract, baseKey), suite.hash);
    const tail = concat(uint64(kid), Uint8Array.of(suite.id >> 8, suite.id & 255));
    const key = await expand(secret, concat('SFrame 1.0 Secret key ', tail), suite.keyBytes);
    const salt = await expand(secret, concat('SFrame 1.0 Secret salt ', tail), NONCE_BYTES);
    const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
    return new SFrameKey(kid, aes, salt);
  }

  /**
   * Header, ciphertext and tag (section 4.4.3). The caller never uses a counter twice.
   * @param {number} counter
   * @param {Uint8Array} plaintext
   * @param {Uint8Array} [metadata] authenticated, not part of the message
   * @param {Uint8Array} [clear] bytes that are put in front
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async seal(counter, plaintext, metadata = new Uint8Array(0), clear = new Uint8Array(0)) {
    const header = encodeHeader(this.kid, counter);
    const sealed = await crypto.subtle.encrypt(this.#algorithm(counter, header, metadata), this.#key, plaintext);
    return concat(clear, header, new Uint8Array(sealed));
  }

  /**
   * @param {{counter: number, length: number}} header of `decodeHeader`
   * @param {Uint8Array} message
   * @param {Uint8Array} [metadata]
   * @returns {Promise<Uint8Array<ArrayBuffer>>} the plaintext
   * @throws {SFrameError} when it is not what the sender sealed
   */
  async open({ counter, length }, message, metadata = new Uint8Array(0)) {
    try {
      return new Uint8Array(await crypto.subtle.decrypt(
        this.#algorithm(counter, message.subarray(0, length), metadata), this.#key, message.subarray(length)));
    } catch {
      throw new SFrameError('authentication', 'the message does not belong to this key');
    }
  }

  #algorithm(counter, header, metadata) {
    const nonce = this.#salt.slice();
    uint64(counter).forEach((byte, i) => {
      nonce[NONCE_BYTES - 8 + i] ^= byte;
    });
    return { name: 'AES-GCM', iv: nonce, additionalData: concat(header, metadata), tagLength: 8 * TAG_BYTES };
  }
}
