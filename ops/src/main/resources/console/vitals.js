// The vitals WebSocket (chevet.vitals.v1): device streams received and published, kept across reconnections.

import { Backoff } from './backoff.js';
import { ClockEstimator, NEEDED, nowNs } from './clock.js';
import { Emitter } from './emitter.js';
import { LocalStream } from './localstream.js';
import { ObjectSender } from './objects.js';
import { Refusal } from './problem.js';
import { RemoteStream } from './remotestream.js';
import { decode, encode, MalformedMessage, SCHEMA_VERSION } from './sbe.js';
import { BlockOpener, BlockSealer, KEY_ID } from './sealedblocks.js';
import { openSocket } from './socket.js';

export const SUBPROTOCOL = 'chevet.vitals.v1';
const CLOCK_BURST_MS = 60;
const CLOCK_PERIOD_MS = 10_000;
const PROGRAM = 'chevet.js/1';
/** Opens nothing. */
const UNREADABLE = { isUnreadable: true, open: () => Promise.reject(new Error('no key')) };

/**
 * A connection for device streams that repairs itself. Events:
 * `state` {state, reason} (connecting, connected, reconnecting, failed, closed),
 * `stream` a RemoteStream was announced for the first time, `ended` a RemoteStream is gone for good,
 * `clock` the estimate of the relay's clock, `publisherclock` {participant, offsetNs, uncertaintyNs},
 * `error` {code, text, fatal}.
 */
export class VitalsConnection extends Emitter {
  /** Announced and not closed, by key (participant, instance, name). @type {Map<string, RemoteStream>} */
  streams = new Map();
  /** Own streams by handle. @type {Map<number, LocalStream>} */
  locals = new Map();
  /** Offset of each publisher's device clock. @type {Map<string, {offsetNs: bigint, uncertaintyNs: bigint}>} */
  publisherClocks = new Map();
  /** @type {import('./clock.js').Estimate|null} */
  clock = null;
  state = 'connecting';
  #socket = null;
  #byId = new Map();
  #estimator = new ClockEstimator();
  #backoff = new Backoff();
  #timers = new Set();
  #exchange = 0;
  #nextHandle = 1;
  #welcome = null;
  #lastSentMs = 0;
  #lastReceivedMs = 0;

  /**
   * @param {{url: string, token: string, instance?: bigint, endToEnd?: import('./endtoend.js').EndToEnd}} options `url`
   *   of the relay, with http or https; with `endToEnd` all that is published is encrypted, and nothing else believed
   */
  constructor({ url, token, instance, endToEnd = null }) {
    super();
    this.url = url;
    this.token = token;
    this.endToEnd = endToEnd;
    /** @type {import('./renewal.js').TokenRenewal|null} set by the session that can have newer tokens */
    this.renewal = null;
    this.instance = instance ?? randomInstance();
  }

  /** Opens the connection and keeps it open until `close`. */
  start() {
    this.#connect();
  }

  /** What the relay said about itself, null while not connected. */
  get welcome() {
    return this.#welcome;
  }

  /** Relay time now in nanoseconds; the client's own clock while there is no estimate. */
  relayNowNs() {
    const now = nowNs();
    return now + (this.#estimator.estimate(now)?.offsetNs ?? this.clock?.offsetNs ?? 0n);
  }

  /**
   * Publishes a device stream. It may be called before the connection is up.
   * @param {import('./localstream.js').StreamDescription} description
   * @returns {LocalStream}
   */
  publish(description) {
    const { endToEnd, instance } = this;
    const sealerOf = endToEnd && ((stream) => new BlockSealer(endToEnd, { ...stream,
      participant: endToEnd.participant, instance }));
    const stream = new LocalStream(this.#nextHandle++, endToEnd ? { ...description, keyId: KEY_ID } : description,
      (name, values) => this.#send(name, values), sealerOf);
    this.locals.set(stream.handle, stream);
    if (this.state === 'connected') {
      stream.open();
    }
    return stream;
  }

  /**
   * Offers a photo or document of at most 25 MB to everyone who may receive objects, until `end` of what it returns.
   * @param {File|Blob} file
   * @param {string} [name] of the stream, unique per participant
   * @returns {Promise<ObjectSender>}
   */
  async sendObject(file, name = `object-${randomInstance().toString(36)}`) {
    const sender = await ObjectSender.of(this.#nextHandle++, file, name, (type, values) => this.#send(type, values),
      this.endToEnd && { endToEnd: this.endToEnd, instance: this.instance });
    this.locals.set(sender.handle, sender);
    sender.on('ended', () => this.locals.delete(sender.handle));
    if (this.state === 'connected') {
      sender.open();
    }
    return sender;
  }

  /** Closes for good; own streams are ended first. */
  close() {
    const ends = [...this.locals.values()].map((stream) => stream.end()).filter((end) => end !== null);
    this.#setState('closed', null);
    this.#stopTimers();
    const done = () => {
      this.#socket?.close(1000, 'done');
      this.#socket = null;
    };
    if (ends.length === 0) {
      done();
    } else {
      Promise.all(ends).then(done);
    }
  }

  /** Drops the connection as a network would; it reconnects by itself. */
  interrupt() {
    this.#socket?.close(4000, 'interrupted');
  }

  async #connect() {
    try {
      this.#socket = await openSocket({
        url: this.url, path: '/v1/vitals', token: this.token, subprotocol: SUBPROTOCOL,
        onMessage: (data) => this.#receive(data),
        onClose: (code, reason) => this.#lost(code, reason),
      });
    } catch (refusal) {
      if (this.state === 'closed') {
        return;
      }
      if (refusal instanceof Refusal && refusal.final && !this.renewal?.wants(refusal)) {
        this.#setState('failed', refusal.message);
      } else {
        this.#again(refusal.message);
      }
      return;
    }
    if (this.state === 'closed') {
      this.#socket.close(1000, 'done');
      return;
    }
    this.#send('Hello', { instance: this.instance, maxVersion: SCHEMA_VERSION, client: PROGRAM });
  }

  #lost(code, reason) {
    this.#stopTimers();
    this.#socket = null;
    this.#welcome = null;
    this.#byId.clear();
    for (const stream of this.streams.values()) {
      stream.disconnected();
    }
    for (const stream of this.locals.values()) {
      stream.disconnected();
    }
    if (this.state === 'closed' || this.state === 'failed') {
      return;
    }
    this.#again(reason || `connection closed (${code})`);
  }

  #again(reason) {
    this.#setState('reconnecting', reason);
    this.#later(this.#backoff.next(), () => this.#connect());
  }

  #receive(data) {
    if (!(data instanceof ArrayBuffer)) {
      return;
    }
    this.#lastReceivedMs = performance.now();
    const receivedNs = nowNs();
    let message;
    try {
      message = decode(data);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) {
        throw error;
      }
      this.emit('error', { code: 0, text: error.message, fatal: true });
      this.#socket?.close(4400, 'malformed message');
      return;
    }
    if (message) {
      this.#dispatch(message, receivedNs);
    }
  }

  #dispatch(message, receivedNs) {
    switch (message.type) {
      case 'Welcome': this.#welcomed(message); break;
      case 'StreamAnnounced': this.#announced(message); break;
      case 'StreamClosed': this.#closed(message); break;
      case 'StreamState': this.#byId.get(message.streamId)?.take('stateChanged', message); break;
      case 'Subscribed': this.#byId.get(message.streamId)?.take('subscribed', message); break;
      case 'Block': this.#byId.get(message.streamId)?.take('block', message, receivedNs); break;
      case 'Alert': this.#byId.get(message.streamId)?.take('alert', message, receivedNs); break;
      case 'AlertAck': this.#byId.get(message.streamId)?.alertAcknowledged(message); break;
      case 'AlertEscalation': this.#byId.get(message.streamId)?.alertEscalated(message); break;
      case 'LastValue': this.#byId.get(message.streamId)?.take('lastValue', message, receivedNs); break;
      case 'Gap': this.#byId.get(message.streamId)?.take('gap', message); break;
      case 'StreamOpened': this.locals.get(message.handle)?.opened(message); break;
      case 'Credit': this.#localOf(message.streamId)?.credited?.(message); break;
      case 'Ack': this.#localOf(message.streamId)?.acknowledged(message); break;
      case 'ClockResponse': this.#clockResponse(message, receivedNs); break;
      case 'PublisherClock':
        this.publisherClocks.set(message.participant, message);
        this.emit('publisherclock', message);
        break;
      case 'Error': this.#refused(message); break;
      default: break;
    }
  }

  #welcomed(message) {
    if (this.#welcome === null) {
      this.#estimator.reset();
    }
    this.#welcome = message;
    this.#backoff.reset();
    this.#setState('connected', null);
    for (const stream of this.locals.values()) {
      stream.open();
    }
    for (let i = 0; i < NEEDED; i++) {
      this.#later(i * CLOCK_BURST_MS, () => this.#askClock());
    }
    this.#every(CLOCK_PERIOD_MS, () => this.#askClock());
    this.#every(Math.max(200, Math.min(message.heartbeatMs, 5000) / 2), () => this.#beat(message));
  }

  #beat(welcome) {
    const now = performance.now();
    if (now - this.#lastReceivedMs > welcome.timeoutMs && welcome.timeoutMs > 0) {
      this.#socket?.close(4008, 'nothing heard from the relay');
    } else if (now - this.#lastSentMs > welcome.heartbeatMs / 2) {
      this.#send('Heartbeat', { timeNs: nowNs() });
    }
  }

  #announced(message) {
    const key = `${message.participant}\n${message.instance}\n${message.name}`;
    let stream = this.streams.get(key);
    const fresh = stream === undefined;
    if (stream === undefined) {
      stream = new RemoteStream(key, (name, values) => this.#send(name, values), (one) => this.#openerOf(one));
      this.streams.set(key, stream);
    }
    this.#byId.set(message.streamId, stream);
    stream.defaultCredit = this.#welcome?.defaultCredit ?? 0;
    stream.announced(message);
    if (fresh) {
      this.emit('stream', stream);
    }
  }

  #closed(message) {
    const stream = this.#byId.get(message.streamId);
    this.#byId.delete(message.streamId);
    if (stream) {
      this.streams.delete(stream.key);
      stream.take('closed', message);
      this.emit('ended', stream);
    }
  }

  /** Who encrypts believes nothing that is not encrypted; without keys, what is encrypted cannot be read. */
  #openerOf(announced) {
    if (announced.keyId === KEY_ID && this.endToEnd) {
      return new BlockOpener(this.endToEnd, announced);
    }
    return announced.keyId === 0 && !this.endToEnd ? null : UNREADABLE;
  }

  #localOf(streamId) {
    for (const stream of this.locals.values()) {
      if (stream.streamId === streamId) {
        return stream;
      }
    }
    return undefined;
  }

  #askClock() {
    this.#send('ClockRequest', { clientSendNs: nowNs(), exchange: this.#exchange++ });
  }

  #clockResponse(message, receivedNs) {
    this.#estimator.add(message.clientSendNs, message.relayReceiveNs, message.relaySendNs, receivedNs);
    const estimate = this.#estimator.estimate();
    if (estimate) {
      this.clock = estimate;
      this.#send('ClockEstimate', estimate);
      this.emit('clock', estimate);
    }
  }

  #refused(message) {
    const local = this.locals.get(message.reference);
    if (message.refusedMessage === 3 && local) {
      local.refused(message);
    } else {
      this.#localOf(message.reference)?.resend(message);
    }
    this.emit('error', message);
    if (message.fatal && !isPassing(message.code)) {
      this.#setState('failed', message.text);
    }
  }

  #send(name, values) {
    if (this.#socket && this.#socket.readyState === 1) {
      this.#lastSentMs = performance.now();
      this.#socket.send(encode(name, values));
      return true;
    }
    return false;
  }

  #setState(state, reason) {
    if (this.state === 'failed' || (this.state === 'closed' && state !== 'closed')) {
      return;
    }
    this.state = state;
    this.emit('state', { state, reason });
  }

  #later(delayMs, task) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, delayMs);
    this.#timers.add(timer);
  }

  #every(periodMs, task) {
    this.#timers.add(setInterval(task, periodMs));
  }

  #stopTimers() {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
  }
}

/** Errors after which coming back is right: too much or taken for now, too slow, restarting. */
function isPassing(code) {
  return code === 9 || code === 10 || code === 12 || code === 13;
}

function randomInstance() {
  const words = crypto.getRandomValues(new BigUint64Array(1));
  return words[0];
}
