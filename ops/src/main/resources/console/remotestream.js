// A device stream of somebody else: what it is, and its blocks in order, each exactly once, holes told as gaps.

import { Emitter } from './emitter.js';
import { AlertAckState, AlertPhase, BlockFlag, sampleBytes, samplesOf, StartFrom, StreamStatus } from './sbe.js';

const NO_START = -1;
/** Messages that wait until those before them are opened; the relay's credit keeps it far below. */
const MAX_WAITING = 4096;
/** Reason of a gap that this end makes: the block came and could not be opened. The relay's reasons are GapReason. */
export const UNDECRYPTABLE = 255;

/**
 * Events: `block` Block, `gap` Gap, `status` number (StreamStatus), `value` Block of a numeric stream that was
 * already known to the relay, `closed` reason, `undecryptable` {failing, reason} when blocks begin, and cease, to come
 * that cannot be opened; of an ALERT stream `alert` Alert (not when it has expired), `alertack` {alertId, participant,
 * state}, `escalated` {alertId, priority, ageMs}.
 *
 * @typedef {object} Block
 * @property {number} sequence
 * @property {number} firstSample index of the first sample
 * @property {number} sampleCount samples per channel
 * @property {number} flags BlockFlag bits
 * @property {bigint|null} deviceTimeNs device time of the first sample
 * @property {bigint} receivedNs client time of arrival
 * @property {Int16Array|Int32Array|Float32Array|Float64Array|null} samples raw, channels interleaved; null when
 *   missing, text or opaque
 * @property {Uint8Array} payload the bytes of the device
 *
 * @typedef {object} Gap
 * @property {number} fromSequence
 * @property {number} toSequence exclusive
 * @property {number|null} fromSample
 * @property {number|null} toSample exclusive
 * @property {number} reason GapReason, 0 when the next block says it (missing sequence without a message),
 *   UNDECRYPTABLE when it came and could not be opened
 */
export class RemoteStream extends Emitter {
  /** The announcement: kind, codes, rate, scale, channels, labels. @type {any} */
  info = null;
  status = StreamStatus.LIVE;
  /** Next block sequence that is wanted, or -1 before the first subscription was answered. */
  next = NO_START;
  /** Index after the newest sample, null before the first block. @type {number|null} */
  nextSample = null;
  /** Counters that pages and tests read. */
  counts = { blocks: 0, samples: 0, gaps: 0, lostBlocks: 0, missingSamples: 0, duplicates: 0, resumed: 0,
    undecryptable: 0 };
  /** The last block could not be opened. */
  failing = false;
  /** Blocks under way when a subscription names none; the relay says it. */
  defaultCredit = 0;
  /** What this endpoint said about alerts, until they expire: {sequence, state, expiresMs} by alert id. */
  #acks = new Map();
  #send;
  #wanted = null;
  #credit = 0;
  #credited = 0;
  #openerOf;
  #opener = null;
  #chain = Promise.resolve();
  #waiting = 0;

  /**
   * @param {string} key participant, instance and name: the same stream after a reconnection
   * @param {(name: string, values: object) => boolean} send
   * @param {(announced: object) => {open: (block: object) => Promise<Uint8Array>}|null} [openerOf] what opens the
   *   blocks of a stream, null when they are read as they come
   */
  constructor(key, send, openerOf = () => null) {
    super();
    this.key = key;
    this.#send = send;
    this.#openerOf = openerOf;
  }

  /** Samples per second, 0 when aperiodic. */
  get rate() {
    return this.info.rateNumerator / this.info.rateDenominator;
  }

  /** False when nothing here can open what comes: no keys, or not encrypted where everything must be. */
  get readable() {
    return this.#opener?.isUnreadable !== true;
  }

  get channelCount() {
    return Math.max(1, this.info.channels.length);
  }

  /**
   * Asks for the blocks. After a reconnection it goes on from the first block that did not arrive.
   * @param {{liveMinusSeconds?: number, fromSequence?: number, credit?: number, required?: boolean}} [from]
   */
  subscribe({ liveMinusSeconds = 0, fromSequence, credit = 0, required = false } = {}) {
    this.#wanted = { liveMinusSeconds, fromSequence, credit, required };
    this.#subscribe();
  }

  /** Stops the blocks. */
  unsubscribe() {
    this.#wanted = null;
    this.#send('Unsubscribe', { streamId: this.info.streamId });
  }

  /**
   * Says that an alert was shown (SEEN) or that a person accepted it (ACCEPTED); DELIVERED is said by itself.
   * @param {number} alertId
   * @param {number} state AlertAckState
   */
  acknowledge(alertId, state) {
    const ack = this.#acks.get(alertId);
    if (ack && state > ack.state) {
      ack.state = state;
      this.#sayAck(alertId, ack);
    }
  }

  /** An Alert is a block with more in its header. */
  #alert(message, opened, receivedNs) {
    if (message.sequence < this.next) {
      this.counts.duplicates += 1;
      return;
    }
    this.next = message.sequence + 1;
    if (opened === null) {
      this.#unopened(message);
      return;
    }
    this.counts.blocks += 1;
    this.#giveCredit();
    if (message.ageMs >= message.ttlMs) {
      return;
    }
    const known = message.phase === AlertPhase.START ? undefined : this.#acks.get(message.alertId);
    const ack = { state: known?.state ?? AlertAckState.DELIVERED, sequence: message.sequence,
      expiresMs: performance.now() + message.ttlMs - message.ageMs };
    this.#acks.set(message.alertId, ack);
    if (!known) {
      this.#sayAck(message.alertId, ack);
    }
    const { alertId, priority, phase, ttlMs, escalateAfterMs, ageMs } = message;
    this.emit('alert', { ...this.#read(opened, receivedNs), alertId, priority, phase, ttlMs, escalateAfterMs, ageMs });
  }

  /** Called by the connection. */
  alertAcknowledged(message) {
    this.emit('alertack', message);
  }

  /** Called by the connection. */
  alertEscalated(message) {
    this.emit('escalated', message);
  }

  #sayAck(alertId, { sequence, state }) {
    this.#send('AlertAck', { alertId, sequence, streamId: this.info.streamId, state });
  }

  /** A relay that restarted has forgotten what was acknowledged. */
  #tellAgain() {
    for (const [alertId, ack] of this.#acks) {
      if (performance.now() >= ack.expiresMs) {
        this.#acks.delete(alertId);
      } else {
        this.#sayAck(alertId, ack);
      }
    }
  }

  /** Physical value of a raw one: what the device's scale and offset say, nothing else. */
  physical(raw) {
    return raw * this.info.scale + this.info.zeroOffset;
  }

  /** True when a raw value means "no sample here". */
  isMissing(raw) {
    return Number.isNaN(raw) || (this.info.hasMissingValue === 1 && raw === this.missingRaw);
  }

  /** Called by the connection. */
  announced(message) {
    this.info = message;
    this.#opener = this.#openerOf(message);
    this.missingRaw = Number(message.missingValue);
    this.#setStatus(message.status);
    this.#tellAgain();
    if (this.#wanted) {
      this.counts.resumed += 1;
      this.#subscribe();
    }
  }

  /**
   * Called by the connection: takes a message after those that came before it. Opening takes a moment, and the order
   * stays.
   * @param {'block'|'alert'|'lastValue'|'gap'|'subscribed'|'stateChanged'|'closed'} name
   */
  take(name, message, receivedNs) {
    if (this.#opener === null) {
      this.#take(name, message, message, receivedNs);
      return;
    }
    const isSealed = name === 'block' || name === 'alert' || name === 'lastValue';
    if (this.#waiting >= MAX_WAITING && isSealed) {
      return;
    }
    const opened = isSealed ? this.#open(this.#opener, message) : message;
    this.#waiting += 1;
    this.#chain = this.#chain.then(async () => {
      this.#take(name, message, await opened, receivedNs);
    }).catch((error) => console.error(`stream '${this.key}'`, error)).finally(() => {
      this.#waiting -= 1;
    });
  }

  #take(name, message, opened, receivedNs) {
    switch (name) {
      case 'block': this.#block(message, opened, receivedNs); break;
      case 'alert': this.#alert(message, opened, receivedNs); break;
      case 'lastValue':
        if (opened) {
          this.emit('value', this.#read(opened, receivedNs));
        }
        break;
      case 'gap': this.#gap(message); break;
      case 'subscribed': this.#subscribed(message); break;
      case 'stateChanged': this.#setStatus(message.status); break;
      case 'closed':
        this.#setStatus(StreamStatus.ENDED);
        this.emit('closed', message.reason);
        break;
      default: break;
    }
  }

  /** The block with its payload in the clear, null when it cannot be opened. */
  async #open(opener, message) {
    try {
      const payload = await opener.open(message);
      this.#tell(false, '');
      return { ...message, payload, isOpen: true };
    } catch (error) {
      this.#tell(true, error.reason ?? error.message);
      return null;
    }
  }

  #tell(failing, reason) {
    if (this.failing !== failing) {
      this.failing = failing;
      this.emit('undecryptable', { failing, reason });
    }
  }

  #subscribed(message) {
    this.#credit = this.#wanted?.credit || 0;
    if (this.next !== NO_START && message.firstSequence > this.next) {
      this.#hole(this.next, message.firstSequence);
    }
    if (this.next === NO_START || message.firstSequence > this.next) {
      this.next = message.firstSequence;
    }
    this.#credited = this.next;
    this.emit('subscribed', message.firstSequence);
  }

  #block(message, opened, receivedNs) {
    if (message.sequence < this.next) {
      this.counts.duplicates += 1;
      return;
    }
    if (this.next !== NO_START && message.sequence > this.next) {
      this.#hole(this.next, message.sequence);
    }
    this.next = message.sequence + 1;
    if (opened === null) {
      this.#unopened(message);
      return;
    }
    this.nextSample = message.firstSample + message.sampleCount;
    this.counts.blocks += 1;
    if (message.flags & BlockFlag.missing) {
      this.counts.missingSamples += message.sampleCount;
    } else {
      this.counts.samples += message.sampleCount;
    }
    this.emit('block', this.#read(opened, receivedNs));
    this.#giveCredit();
  }

  /** What its header says is not to be believed either. */
  #unopened({ sequence }) {
    this.counts.undecryptable += 1;
    this.counts.gaps += 1;
    this.emit('gap', { fromSequence: sequence, toSequence: this.next, fromSample: this.nextSample, toSample: null,
      reason: UNDECRYPTABLE });
    this.#giveCredit();
  }

  #gap(message) {
    if (message.toSequence <= this.next) {
      return;
    }
    this.next = message.toSequence;
    if (message.toSample !== null) {
      this.nextSample = message.toSample;
    }
    this.counts.gaps += 1;
    this.counts.lostBlocks += message.toSequence - message.fromSequence;
    this.emit('gap', message);
    this.#giveCredit();
  }

  /** Called by the connection. */
  disconnected() {
    this.#setStatus(StreamStatus.DETACHED);
  }

  #subscribe() {
    const { liveMinusSeconds, fromSequence, credit, required } = this.#wanted;
    const sequence = this.next === NO_START ? fromSequence : this.next;
    const start = sequence === undefined ? StartFrom.LIVE_MINUS : StartFrom.SEQUENCE;
    const value = sequence === undefined ? BigInt(Math.round(liveMinusSeconds * 1e9)) : BigInt(sequence);
    this.#send('Subscribe', { value, streamId: this.info.streamId, credit, start, required: required ? 1 : 0 });
  }

  /** A hole that no Gap explained; the protocol forbids it, the person at the screen must still see it. */
  #hole(fromSequence, toSequence) {
    this.counts.gaps += 1;
    this.counts.lostBlocks += toSequence - fromSequence;
    this.emit('gap', { fromSequence, toSequence, fromSample: this.nextSample, toSample: null, reason: 0 });
  }

  /** Says at once how far it has come, which else waits for half a window: for who knows that nothing more follows. */
  confirm() {
    this.#giveCredit(1);
  }

  #giveCredit(least) {
    const credit = this.#credit || this.defaultCredit || 32;
    if (this.next - this.#credited >= (least ?? Math.max(1, credit >> 1))) {
      this.#credited = this.next;
      this.#send('Credit', { receivedBelow: this.next, streamId: this.info.streamId, credit });
    }
  }

  #read(message, receivedNs) {
    const missing = (message.flags & BlockFlag.missing) !== 0;
    const size = sampleBytes(this.info.sampleFormat);
    const clear = this.info.keyId === 0 || message.isOpen === true;
    return {
      sequence: message.sequence,
      firstSample: message.firstSample,
      sampleCount: message.sampleCount,
      flags: message.flags,
      deviceTimeNs: message.deviceTimeNs,
      receivedNs,
      payload: message.payload,
      samples: missing || size === 0 || !clear ? null : samplesOf(message.payload, this.info.sampleFormat),
    };
  }

  #setStatus(status) {
    if (status !== this.status) {
      this.status = status;
      this.emit('status', status);
    }
  }
}
