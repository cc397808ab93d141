// Chat and annotations over the data channels of one of the media connections: opened again when that goes, sealed when
// there are keys.

import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { Refusal } from './problem.js';

/**
 * What travels. `most` bounds one message before it is sealed (the relay takes 16 KiB), `held` what may wait in the
 * browser, `rate` messages a second, and as many at once. An annotation that is late is worth nothing; words are
 * never lost.
 */
export const CHANNELS = {
  chat: { label: 'chevet.chat', options: {}, most: 4096, held: 64 * 1024, rate: 10 },
  annotation: { label: 'chevet.annotations', options: { ordered: false, maxPacketLifeTime: 500 }, most: 8192,
    held: 32 * 1024, rate: 250 },
};
/** Messages that may wait to be opened, or to be sent with the next picture. */
const MAX_WAITING = 256;
/** So that the association exists before anybody needs it; agreed beforehand, the relay never hears of it. */
const RESERVED = { negotiated: true, id: 101 };
/** A channel that was open this long was not refused. */
const STEADY_MS = 10_000;
/** A page that is not seen gets no animation frames. */
const HIDDEN_MS = 50;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What waits for the next picture: of those with one name only the newest. */
export class Waiting {
  #all = new Map();
  #nameless = 0;

  get size() {
    return this.#all.size;
  }

  /** Adds one; returns what it replaces, or null. @param {any} item @param {string} [name] '' replaces nothing */
  offer(item, name = '') {
    const key = name === '' ? this.#nameless++ : name;
    const before = this.#all.get(key) ?? null;
    this.#all.delete(key);
    this.#all.set(key, item);
    return before;
  }

  /** All that waits, in the order in which it was last offered; nothing waits any more. */
  take() {
    const all = [...this.#all.values()];
    this.#all.clear();
    return all;
  }
}

/** Name of the sender and what follows it, of a message in the clear. @throws {RangeError} when it is cut short */
export function splitName(message) {
  const length = 1 + (message[0] ?? 0);
  if (message.length < length || length === 1) {
    throw new RangeError('no sender');
  }
  return { participant: decoder.decode(message.subarray(1, length)), bytes: message.subarray(length) };
}

/** The bytes after the name of their sender. */
export function withName(participant, bytes) {
  const name = encoder.encode(participant);
  const message = new Uint8Array(1 + name.length + bytes.length);
  message[0] = name.length;
  message.set(name, 1);
  message.set(bytes, 1 + name.length);
  return message;
}

/**
 * Messages of one participant. Events: `chat` {participant, text}, `annotation` {participant, event}, `refused`
 * {kind, reason} for a message that arrived and was not believed, `state` {kind, open}.
 */
export class MessageChannels extends Emitter {
  /** What was sent and received by kind, and what was refused by reason. */
  counts = { sent: { chat: 0, annotation: 0 }, received: { chat: 0, annotation: 0 }, refused: {}, superseded: 0 };
  #peers = new Set();
  #carrier = null;
  /** By kind: {channel, backoff, timer, openedMs}. */
  #links = new Map();
  #waiting = new Waiting();
  #isFlushing = false;
  #budgets = new Map();
  #chains = new Map();
  #arriving = 0;
  #isClosed = false;

  /**
   * @param {{participant: string, endToEnd?: import('./endtoend.js').EndToEnd|null,
   *   isHere?: (participant: string) => boolean, frame?: (run: () => void) => void}} options `isHere` whether somebody
   *   takes part, `frame` runs something with the next picture of the screen
   */
  constructor({ participant, endToEnd = null, isHere = () => true, frame = nextFrame }) {
    super();
    Object.assign(this, { participant, endToEnd, isHere, frame });
  }

  /** True when a message of this kind can be sent now. @param {'chat'|'annotation'} kind */
  isOpen(kind) {
    return this.#links.get(kind)?.channel.readyState === 'open';
  }

  /** Uses a media connection, when it is the first that is connected. @param {import('./whip.js').Publisher} peer */
  add(peer) {
    this.#peers.add(peer);
    peer.channels = this;
    peer.on('state', ({ state }) => {
      if (state === 'closed' || state === 'failed') {
        this.#peers.delete(peer);
      }
      this.#choose();
    });
  }

  /** Called by a media connection before its offer: every one can carry channels, should it have to. */
  prepare(connection) {
    connection.createDataChannel('reserved', RESERVED);
  }

  /** Called by a media connection that gives up its peer connection. */
  released(connection) {
    if (this.#carrier?.connection === connection) {
      this.#drop();
      this.#choose();
    }
  }

  /** Sends words to all. @param {string} text @throws {Refusal} when they were not sent; the title says why */
  async say(text) {
    const bytes = encoder.encode(text);
    this.#check('chat', bytes);
    await this.#send('chat', bytes);
  }

  /**
   * Sends an annotation to all, with the next picture of the screen.
   * @param {object} event becomes JSON
   * @param {{replaces?: string}} [options] of the events with this name that still wait, only the newest is sent
   * @returns {Promise<boolean>} false when a newer one was sent in its place
   * @throws {Refusal}
   */
  async annotate(event, { replaces = event.type === 'pointer' ? 'pointer' : '' } = {}) {
    const bytes = encoder.encode(JSON.stringify(event));
    this.#checkSize('annotation', bytes);
    this.#checkOpen('annotation');
    if (this.#waiting.size >= MAX_WAITING) {
      throw new Refusal(429, 'too-fast', 'Too many annotations wait to be sent.');
    }
    return new Promise((resolve, reject) => {
      const before = this.#waiting.offer({ bytes, resolve, reject }, replaces);
      if (before) {
        this.counts.superseded += 1;
        before.resolve(false);
      }
      if (!this.#isFlushing) {
        this.#isFlushing = true;
        this.frame(() => this.#flush());
      }
    });
  }

  /** Closes the channels for good. */
  close() {
    this.#isClosed = true;
    this.#drop();
    this.#waiting.take().forEach(({ reject }) => reject(noChannel()));
  }

  #flush() {
    this.#isFlushing = false;
    for (const { bytes, resolve, reject } of this.#waiting.take()) {
      try {
        this.#check('annotation', bytes);
      } catch (refusal) {
        reject(refusal);
        continue;
      }
      this.#send('annotation', bytes).then(() => resolve(true), reject);
    }
  }

  #checkSize(kind, bytes) {
    const { most } = CHANNELS[kind];
    if (bytes.length === 0 || bytes.length > most) {
      throw new Refusal(400, 'too-long', `A message has 1 to ${most} bytes; this one has ${bytes.length}.`);
    }
  }

  #checkOpen(kind) {
    if (!this.isOpen(kind)) {
      throw noChannel();
    }
  }

  #check(kind, bytes) {
    this.#checkSize(kind, bytes);
    this.#checkOpen(kind);
    const { rate, held } = CHANNELS[kind];
    if (this.#links.get(kind).channel.bufferedAmount + bytes.length > held) {
      throw new Refusal(429, 'held-up', 'Earlier messages still wait to be sent.');
    }
    const nowMs = performance.now();
    const budget = this.#budgets.get(kind) ?? { left: rate, atMs: nowMs };
    budget.left = Math.min(rate, budget.left + (nowMs - budget.atMs) / 1000 * rate);
    budget.atMs = nowMs;
    this.#budgets.set(kind, budget);
    if (budget.left < 1) {
      throw new Refusal(429, 'too-fast', `At most ${rate} messages of this kind a second.`);
    }
    budget.left -= 1;
  }

  /** One after the other, because sealing takes its time and words keep their order. */
  #send(kind, bytes) {
    return this.#inTurn(`send ${kind}`, async () => {
      let message;
      try {
        message = this.endToEnd ? await this.endToEnd.seal(kind, bytes) : withName(this.participant, bytes);
      } catch (error) {
        throw new Refusal(0, error.reason ?? 'sealing', error.message);
      }
      this.#checkOpen(kind);
      this.#links.get(kind).channel.send(message);
      this.counts.sent[kind] += 1;
    });
  }

  #inTurn(name, run) {
    const turn = (this.#chains.get(name) ?? Promise.resolve()).then(run);
    this.#chains.set(name, turn.catch(() => {}));
    return turn;
  }

  #choose() {
    const { connection, peer } = this.#carrier ?? {};
    const ended = ['failed', 'closed'];
    if (this.#isClosed || (connection && peer.connection === connection && this.#peers.has(peer)
      && !ended.includes(connection.connectionState))) {
      return;
    }
    this.#drop();
    const next = [...this.#peers].find((one) => one.connection?.connectionState === 'connected');
    if (next) {
      this.#carrier = { peer: next, connection: next.connection };
      Object.keys(CHANNELS).forEach((kind) => this.#open(kind, new Backoff()));
    }
  }

  #open(kind, backoff) {
    const { connection } = this.#carrier;
    const { label, options } = CHANNELS[kind];
    let channel;
    try {
      channel = connection.createDataChannel(label, options);
    } catch {
      // The answer has no section for data: the token grants none.
      return;
    }
    const link = { channel, timer: 0, openedMs: Infinity };
    this.#links.set(kind, link);
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => {
      link.openedMs = performance.now();
      this.emit('state', { kind, open: true });
    };
    channel.onmessage = ({ data }) => this.#arrived(kind, data);
    channel.onclose = () => {
      if (this.#links.get(kind) !== link) {
        return;
      }
      this.emit('state', { kind, open: false });
      if (performance.now() - link.openedMs > STEADY_MS) {
        backoff.reset();
      }
      link.timer = setTimeout(() => this.#open(kind, backoff), backoff.next());
    };
  }

  #drop() {
    this.#carrier = null;
    for (const [kind, { channel, timer }] of [...this.#links]) {
      this.#links.delete(kind);
      clearTimeout(timer);
      channel.onmessage = null;
      const was = channel.readyState === 'open';
      channel.close();
      if (was) {
        this.emit('state', { kind, open: false });
      }
    }
  }

  #arrived(kind, data) {
    if (this.#arriving >= MAX_WAITING) {
      this.#refuse(kind, 'too-many');
      return;
    }
    this.#arriving += 1;
    this.#inTurn(`take ${kind}`, async () => {
      try {
        await this.#take(kind, data);
      } catch (error) {
        this.#refuse(kind, error.reason ?? 'malformed');
      } finally {
        this.#arriving -= 1;
      }
    });
  }

  async #take(kind, data) {
    if (!(data instanceof ArrayBuffer)) {
      throw new RangeError('text');
    }
    const message = new Uint8Array(data);
    const { participant, bytes } = this.endToEnd ? await this.endToEnd.open(kind, message) : splitName(message);
    // The relay sends nobody what is their own.
    if (participant === this.participant || !this.isHere(participant)) {
      this.#refuse(kind, 'unknown-sender');
      return;
    }
    const text = decoder.decode(bytes);
    if (kind === 'chat') {
      this.counts.received.chat += 1;
      this.emit('chat', { participant, text });
      return;
    }
    const event = JSON.parse(text);
    if (event === null || typeof event !== 'object' || Array.isArray(event)) {
      throw new RangeError('no object');
    }
    this.counts.received.annotation += 1;
    this.emit('annotation', { participant, event });
  }

  #refuse(kind, reason) {
    this.counts.refused[reason] = (this.counts.refused[reason] ?? 0) + 1;
    this.emit('refused', { kind, reason });
  }
}

function noChannel() {
  return new Refusal(0, 'no-channel', 'There is no channel for messages at the moment: nothing is published or '
    + 'received, or the connection is being made again.');
}

function nextFrame(run) {
  let done = false;
  const once = () => {
    if (!done) {
      done = true;
      clearTimeout(timer);
      run();
    }
  };
  const timer = setTimeout(once, HIDDEN_MS);
  globalThis.requestAnimationFrame?.(once);
}
