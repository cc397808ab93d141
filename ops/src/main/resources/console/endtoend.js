// End-to-end encryption of one participant: keys, frames, device streams, messages, change of epochs.

import { Emitter } from './emitter.js';
import { EpochExchange } from './epochs.js';
import { FrameCrypto } from './frames.js';
import { epochZero, Keyring, MessageKeys, OpeningKeys, secretBytes } from './keys.js';
import { Refusal } from './problem.js';

/** What the browser lacks for end-to-end encryption, '' when it lacks nothing. */
export function lacking() {
  if (!globalThis.crypto?.subtle) {
    return 'crypto.subtle';
  }
  return typeof RTCRtpScriptTransform === 'undefined' ? 'RTCRtpScriptTransform' : '';
}

/**
 * @typedef {object} KeySource epochs that the embedder gives, instead of the secret of a link
 * @property {() => {epoch: number, secret: Uint8Array}|Promise<{epoch: number, secret: Uint8Array}>} current the epoch
 *   in use and its secret of 64 bytes
 * @property {(epoch: number) => Uint8Array|null|Promise<Uint8Array|null>} [of] secret of an earlier epoch
 * @property {(listener: () => void) => (() => void)|void} [onChange] calls the listener when `current` has changed
 *
 * Events: `epoch` {epoch, safetyCode} when another epoch is in use; `undecryptable` of FrameCrypto; `fault` of
 * EpochExchange.
 */
export class EndToEnd extends Emitter {
  keyring = new Keyring();
  safetyCode = '';
  /** @type {FrameCrypto} */
  frames;
  /** Opens device streams. */
  opening;
  #messages;
  #exchange = null;
  #source = null;
  #offs = [];

  /**
   * @param {{participant: string, secret?: string|Uint8Array, joinCode?: string, keySource?: KeySource}} options
   * @returns {Promise<EndToEnd>}
   * @throws {Refusal} titled `encryption-unsupported` or `key-malformed`; nothing was sent
   */
  static async create({ participant, secret, joinCode = '', keySource = null }) {
    const lacks = lacking();
    if (lacks !== '') {
      throw new Refusal(400, 'encryption-unsupported',
        `This consultation is end-to-end encrypted, and this browser cannot do it (it lacks ${lacks}).`);
    }
    const made = new EndToEnd(participant);
    if (keySource) {
      made.#source = keySource;
      await made.#ask();
      const off = keySource.onChange?.(() => made.#ask().catch((error) => console.error('key source', error)));
      made.#offs.push(off ?? (() => {}));
    } else {
      await made.keyring.hold(0, await epochZero(secretBytes(secret), joinCode));
    }
    made.safetyCode = await made.keyring.safetyCode();
    made.frames = new FrameCrypto(made.keyring, participant);
    made.frames.on('undecryptable', (detail) => made.emit('undecryptable', detail));
    return made;
  }

  constructor(participant) {
    super();
    this.participant = participant;
    this.opening = new OpeningKeys(this.keyring);
    this.#messages = new MessageKeys(this.keyring, participant);
  }

  /** Number of the newest epoch that is held. */
  get epoch() {
    return this.keyring.current;
  }

  /** Follows the epochs of a session, which must not have been started yet. */
  attach(session) {
    if (this.#source) {
      return;
    }
    this.#exchange = new EpochExchange({ session, keyring: this.keyring, participant: this.participant });
    this.#exchange.on('epoch', () => this.#changed());
    this.#exchange.on('fault', (fault) => this.emit('fault', fault));
  }

  /** A new epoch, for all who are here. @returns {Promise<number>} @throws {Refusal} */
  async rotate() {
    if (!this.#exchange) {
      throw new Refusal(0, 'no session', 'The keys of this consultation are changed by whoever gave them.');
    }
    return this.#exchange.rotate();
  }

  /**
   * A new epoch after this participant put somebody out. Epochs that an embedder gives are the embedder's to change.
   * @throws {Refusal}
   */
  async rotateAfterEviction() {
    await this.#exchange?.rotateAfterEviction();
  }

  /** A message for a data channel. @see MessageKeys */
  seal(kind, bytes) {
    return this.#messages.seal(kind, bytes);
  }

  /** A message of a data channel: who sent it, and what. @see MessageKeys */
  open(kind, message) {
    return this.#messages.open(kind, message);
  }

  /** Ends the worker and forgets the keys. */
  close() {
    this.#exchange?.close();
    this.#offs.forEach((off) => off());
    this.frames.close();
  }

  async #ask() {
    const { epoch, secret } = await this.#source.current();
    const earlier = epoch > 0 ? await this.#source.of?.(epoch - 1) : null;
    if (earlier && !this.keyring.holds(epoch - 1)) {
      await this.keyring.hold(epoch - 1, earlier);
    }
    this.keyring.needs(epoch);
    await this.keyring.hold(epoch, secret);
    if (this.frames) {
      await this.#changed();
    }
  }

  async #changed() {
    this.safetyCode = await this.keyring.safetyCode();
    this.emit('epoch', { epoch: this.epoch, safetyCode: this.safetyCode });
  }
}
