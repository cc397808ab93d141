// Change of keys: who is here announces a key of their own, and whoever rotates wraps the new secret for each of them.
// Carried by the session channel; the relay reads numbers and names, never a secret.

import { Emitter } from './emitter.js';
import { EPOCH_BYTES, fromBase64Url, toBase64Url } from './keys.js';
import { concat, hmac, hmacKey } from './sframe.js';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const HASH = 'SHA-512';
const POINT_BYTES = 65;
const MAC_BYTES = 32;
const NONCE_BYTES = 16;
const MAX_VERIFIED = 256;
const JITTER_MS = 500;
const TURN_MS = 1000;
/** Who may make an epoch and is served none for so long makes one: perhaps nobody is left who may serve. */
const UNSERVED_MS = 3000;
/** Tries to make an epoch after somebody was put out, while others are faster. */
const MAX_TRIES = 3;
const CONFLICT = 409;
const ROTATING = new Set(['practitioner', 'companion']);
const encoder = new TextEncoder();

/** What a wrapped secret is bound to: from whom, to whom, which epoch, which wrapping. */
function infoOf(from, to, epoch, nonce) {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, epoch);
  return concat(from, '\0', to, '\0', number, nonce);
}

/** The key between two points. @param {Uint8Array} info */
async function wrappingKey(own, point, info) {
  const theirs = await crypto.subtle.importKey('raw', point, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own, 256);
  const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: HASH, salt: encoder.encode('chevet e2ee 1 wrap'), info }, base,
    { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function aesGcm(info) {
  // The key is used once: its nonce is in the info.
  return { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: info };
}

/**
 * Wraps an epoch's secret for one participant.
 * @param {{own: CryptoKey, point: Uint8Array, from: string, to: string, epoch: number, secret: Uint8Array,
 *   nonce?: Uint8Array}} what
 * @returns {Promise<{nonce: string, sealed: string}>}
 */
export async function wrap({ own, point, from, to, epoch, secret,
  nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES)) }) {
  const info = infoOf(from, to, epoch, nonce);
  const key = await wrappingKey(own, point, info);
  const sealed = new Uint8Array(await crypto.subtle.encrypt(aesGcm(info), key, secret));
  return { nonce: toBase64Url(nonce), sealed: toBase64Url(sealed) };
}

/** The secret that was wrapped. @throws {Error} when it is not for this participant, from that one, for this epoch */
export async function unwrap({ own, point, from, to, epoch, nonce, sealed }) {
  const random = fromBase64Url(nonce);
  if (random?.length !== NONCE_BYTES) {
    throw new Error('a nonce of another length');
  }
  const info = infoOf(from, to, epoch, random);
  const key = await wrappingKey(own, point, info);
  return new Uint8Array(await crypto.subtle.decrypt(aesGcm(info), key, fromBase64Url(sealed)));
}

/** Whoever knows the consultation's secret can make this, nobody else. */
export async function announcementMac(keyring, participant, point) {
  const key = await hmacKey(await keyring.expand(0, 'chevet e2ee 1 announce', 64), HASH);
  return (await hmac(key, concat(participant, '\0', point))).slice(0, MAC_BYTES);
}

/**
 * The epochs of one participant of a session. Events: `epoch` number when a newer one is in use; `fault` {from, reason}
 * when something about epochs was not believed.
 */
export class EpochExchange extends Emitter {
  #session;
  #keyring;
  #participant;
  #random;
  #chain;
  /** Own pair and announcement. */
  #own = null;
  /** Secret of the newest epoch, for who comes later; null for epoch 0, which the link gives. */
  #secret = null;
  /** Who has the newest epoch, by the key it was wrapped for. @type {Map<string, string>} */
  #served = new Map();
  /** Announced keys that were verified: whose they are. */
  #verified = new Map();
  #timers = new Set();
  #offs;
  #closed = false;

  /**
   * @param {{session: import('./session.js').SessionConnection, keyring: import('./keys.js').Keyring,
   *   participant: string, random?: () => number}} options
   */
  constructor({ session, keyring, participant, random = Math.random }) {
    super();
    this.#session = session;
    this.#keyring = keyring;
    this.#participant = participant;
    this.#random = random;
    // One after the other, in the order of the messages.
    this.#chain = Promise.resolve();
    const ordered = (task) => (detail) => {
      this.#inOrder(() => task(detail)).catch((error) => {
        this.emit('fault', { from: detail?.from ?? '', reason: error.message });
      });
    };
    this.#offs = [
      // At once: nothing more is sealed with the keys of an epoch that is over.
      session.on('welcome', ({ epoch = 0 }) => keyring.needs(epoch)),
      session.on('welcome', ordered(({ epoch = 0 }) => this.#welcomed(epoch))),
      session.on('epoch', ordered((message) => this.#received(message))),
      session.on('roster', ordered(() => this.#serveLate())),
      // After the epochs that came before it, which the one put out may have.
      session.on('rosterChange', ordered(({ event, reason }) => {
        if (event === 'left' && reason === 'evicted') {
          this.#evicted();
        }
      })),
    ];
  }

  /** Ends it. */
  close() {
    this.#closed = true;
    this.#offs.forEach((off) => off());
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
  }

  /**
   * Makes a new epoch for all who are here and have announced a key. Practitioners and companions may.
   * @returns {Promise<number>} its number
   * @throws {import('./problem.js').Refusal} when the relay refuses it, for instance because another one was faster
   */
  rotate() {
    return this.#inOrder(() => this.#rotate());
  }

  /**
   * Makes a new epoch after this participant put somebody out. When another one was faster it is made all the same:
   * that one may have been made before.
   * @throws {import('./problem.js').Refusal}
   */
  async rotateAfterEviction() {
    for (let tries = 1; ; tries++) {
      try {
        return await this.rotate();
      } catch (refusal) {
        if (refusal.status !== CONFLICT || tries === MAX_TRIES) {
          throw refusal;
        }
        await new Promise((done) => this.#later(TURN_MS, async () => done()));
      }
    }
  }

  async #rotate() {
    const epoch = this.#keyring.next;
    const secret = crypto.getRandomValues(new Uint8Array(EPOCH_BYTES));
    const wrapped = [];
    const served = new Map();
    // For oneself too: when the answer is lost with the connection, the relay gives it to whoever comes back.
    const self = { participant: this.#participant, endToEnd: this.#own };
    for (const { participant, endToEnd } of [...this.#others(), self]) {
      const point = await this.#pointOf(participant, endToEnd);
      if (point) {
        wrapped.push({ participant, ...await wrap({ own: this.#own.privateKey, point, from: this.#participant,
          to: participant, epoch, secret }) });
        served.set(participant, endToEnd.key);
      }
    }
    await this.#session.request('epoch', { epoch, wrapped });
    await this.#adopt(epoch, secret, served);
    return epoch;
  }

  /** Runs when everything before it is done. */
  #inOrder(task) {
    const done = this.#chain.then(task);
    this.#chain = done.catch(() => {});
    return done;
  }

  async #welcomed(epoch) {
    if (epoch < this.#keyring.current) {
      // The relay was started again: it keeps nothing for those who were away, and has to learn the number.
      this.#served.clear();
    } else if (epoch > this.#keyring.current) {
      this.#later(UNSERVED_MS + Math.max(0, this.#rank()) * TURN_MS, () => this.#unlessReady());
    }
    if (!this.#own) {
      const pair = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
      const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
      const mac = await announcementMac(this.#keyring, this.#participant, point);
      this.#own = { privateKey: pair.privateKey, key: toBase64Url(point), mac: toBase64Url(mac) };
    }
    const { key, mac } = this.#own;
    try {
      await this.#session.request('endToEnd', { key, mac });
    } catch (refusal) {
      // A relay that does not know it carries no new epochs either; the link's key goes on.
      this.emit('fault', { from: '', reason: refusal.message });
    }
  }

  async #received({ epoch, from, nonce, sealed, key }) {
    if (!Number.isSafeInteger(epoch) || epoch <= this.#keyring.current) {
      return;
    }
    this.#keyring.needs(epoch);
    const announced = from === this.#participant ? this.#own : this.#session.roster.get(from)?.endToEnd;
    const point = announced?.key === key ? await this.#pointOf(from, announced) : this.#remembered(from, key);
    if (!point || !this.#own) {
      throw new Error('the new key comes from somebody who has not announced one');
    }
    const secret = await unwrap({ own: this.#own.privateKey, point, from, to: this.#participant, epoch, nonce,
      sealed });
    await this.#adopt(epoch, secret, new Map(this.#others().map((one) => [one.participant, one.endToEnd.key])));
  }

  async #adopt(epoch, secret, served) {
    const isNew = !this.#keyring.holds(epoch);
    this.#secret = secret;
    this.#served = served;
    this.#keyring.needs(epoch);
    await this.#keyring.hold(epoch, secret);
    if (isNew) {
      this.emit('epoch', epoch);
    }
  }

  /** Who came after the epoch was made gets it from the first who may give it; the others come after that one. */
  async #serveLate() {
    const rank = this.#rank();
    const { roster } = this.#session;
    // Who was away and comes back with the same key may have missed an epoch.
    [...this.#served.keys()].filter((one) => !roster.has(one)).forEach((one) => this.#served.delete(one));
    if (this.#secret === null || rank < 0) {
      return;
    }
    for (const { participant, endToEnd } of this.#others()) {
      if (this.#served.get(participant) !== endToEnd.key) {
        this.#served.set(participant, endToEnd.key);
        this.#later(rank * TURN_MS, () => this.#serve(participant, endToEnd));
      }
    }
  }

  async #serve(participant, endToEnd) {
    if (this.#session.roster.get(participant)?.endToEnd?.key !== endToEnd.key) {
      return;
    }
    const point = await this.#pointOf(participant, endToEnd);
    if (point) {
      const epoch = this.#keyring.current;
      const sealed = await wrap({ own: this.#own.privateKey, point, from: this.#participant, to: participant, epoch,
        secret: this.#secret });
      await this.#session.request('epochFor', { epoch, participant, ...sealed });
    }
  }

  /** Somebody was put out: the first who may makes a key that they do not have, or else the next one. */
  #evicted() {
    const { next } = this.#keyring;
    const rank = this.#rank();
    if (rank >= 0) {
      this.#later(this.#random() * JITTER_MS + rank * TURN_MS, () => this.#rotateUnless(() =>
        this.#keyring.next !== next));
    }
  }

  /** Without a key of the consultation's epoch nothing can be sent, and perhaps nobody can give one. */
  #unlessReady() {
    return this.#rank() < 0 ? Promise.resolve() : this.#rotateUnless(() => this.#keyring.ready);
  }

  #rotateUnless(isDone) {
    return this.#inOrder(async () => {
      if (!isDone() && !this.#closed) {
        try {
          await this.#rotate();
        } catch (refusal) {
          // Another one was faster, and its epoch is on its way.
          if (refusal.status !== CONFLICT) {
            throw refusal;
          }
        }
      }
    });
  }

  /** Own place among those who may rotate, by id; -1 when one may not. */
  #rank() {
    return [...this.#session.roster.values()]
      .filter((one) => ROTATING.has(one.role) && (one.endToEnd || one.participant === this.#participant))
      .map((one) => one.participant).sort().indexOf(this.#participant);
  }

  #others() {
    return [...this.#session.roster.values()].filter((one) => one.endToEnd && one.participant !== this.#participant);
  }

  /** The point that a participant announced, null when the announcement is not of somebody who has the secret. */
  async #pointOf(participant, { key, mac }) {
    const known = this.#remembered(participant, key);
    if (known) {
      return known;
    }
    const point = fromBase64Url(key);
    if (point?.length !== POINT_BYTES) {
      return null;
    }
    if (toBase64Url(await announcementMac(this.#keyring, participant, point)) !== mac) {
      this.emit('fault', { from: participant, reason: 'the announced key is not of this consultation' });
      return null;
    }
    this.#verified.set(`${participant}\n${key}`, point);
    if (this.#verified.size > MAX_VERIFIED) {
      this.#verified.delete(this.#verified.keys().next().value);
    }
    return point;
  }

  #remembered(participant, key) {
    return this.#verified.get(`${participant}\n${key}`) ?? null;
  }

  #later(delayMs, task) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task().catch((error) => this.emit('fault', { from: '', reason: error.message }));
    }, delayMs);
    this.#timers.add(timer);
  }
}
