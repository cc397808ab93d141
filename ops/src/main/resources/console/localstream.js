// A device stream of this page: blocks are kept until the relay holds them, and sent again after an interruption.

import { Emitter } from './emitter.js';
import { AckMode, ClinicalClass, GapReason, Kind, SampleFormat, StreamStatus } from './sbe.js';

/** Bytes and age that are kept when nothing is acknowledged; then the oldest goes and the relay is told. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const MAX_KEPT_NS = 300n * 1_000_000_000n;

/**
 * @typedef {object} StreamDescription
 * @property {string} name stable, unique per participant
 * @property {string} label what people read
 * @property {number} kind Kind
 * @property {{label: string, mdc: number, unit: string}[]} channels
 * @property {number} [rateNumerator] samples per second = numerator / denominator; aperiodic when not given
 * @property {number} [rateDenominator]
 * @property {number} [sampleFormat] SampleFormat, 16-bit by default
 * @property {number} [scale] physical = raw * scale + zeroOffset
 * @property {number} [zeroOffset]
 * @property {number} [missingValue]
 * @property {number} [mdcCode]
 * @property {number} [bodySite]
 * @property {number} [staleAfterMs]
 * @property {string} [device] maker and model
 *
 * Events: `opened`, `ack`, `refused` text, `lost` {fromSequence, toSequence}.
 */
export class LocalStream extends Emitter {
  streamId = null;
  heldBelow = 0;
  deliveredBelow = 0;
  counts = { blocks: 0, samples: 0, resent: 0, dropped: 0 };
  state = 'waiting';
  #send;
  #description;
  #kept = [];
  #keptBytes = 0;
  #nextSequence = 0;
  #nextSample = 0;
  /** After the last block that is ready to be sent; encrypting takes a moment. */
  #readySequence = 0;
  #readySample = 0;
  #sealer = null;
  #sealing = Promise.resolve();
  #sealingBytes = 0;
  #ending = false;

  /**
   * @param {number} handle
   * @param {StreamDescription} description
   * @param {(name: string, values: object) => boolean} send
   * @param {((definition: object) => {seal: (block: object) => Promise<Uint8Array>})|null} [sealerOf] what encrypts the
   *   blocks
   */
  constructor(handle, description, send, sealerOf = null) {
    super();
    this.handle = handle;
    this.#send = send;
    this.#description = {
      rateNumerator: 0, rateDenominator: 1, sampleFormat: SampleFormat.I16LE, scale: 1, zeroOffset: 0, mdcCode: 0,
      bodySite: 0, staleAfterMs: 0, device: '', label: description.name, ackMode: AckMode.HELD, keyId: 0,
      clinicalClass: classOf(description.kind), ...description,
      hasMissingValue: description.missingValue === undefined ? 0 : 1,
      missingValue: description.missingValue ?? 0,
    };
    this.#sealer = sealerOf?.(this.#description) ?? null;
  }

  get description() {
    return this.#description;
  }

  /** Index of the next sample. */
  get nextSample() {
    return this.#nextSample;
  }

  /** Blocks that the relay does not hold yet. */
  get unacknowledged() {
    return this.#kept.length;
  }

  /**
   * Sends one block.
   * @param {Uint8Array} payload raw samples in the stream's format, channels interleaved
   * @param {number} sampleCount samples per channel
   * @param {{deviceTimeNs?: bigint|null, flags?: number, firstSample?: number}} [more] `firstSample` skips ahead
   */
  push(payload, sampleCount, { deviceTimeNs = null, flags = 0, firstSample } = {}) {
    if (this.state === 'ended' || this.state === 'refused' || this.#ending) {
      return;
    }
    if (this.#sealingBytes > MAX_KEPT_BYTES) {
      // No key for too long: the samples are missing, and their indexes say so.
      this.#nextSample = (firstSample ?? this.#nextSample) + sampleCount;
      this.counts.dropped += 1;
      return;
    }
    const block = {
      sequence: this.#nextSequence, firstSample: firstSample ?? this.#nextSample, deviceTimeNs, sampleCount, flags,
      payload,
    };
    this.#nextSequence += 1;
    this.#nextSample = block.firstSample + sampleCount;
    this.counts.blocks += 1;
    this.counts.samples += sampleCount;
    if (this.#sealer === null) {
      this.#keep(block);
      return;
    }
    // The caller may use its array again. What is kept, and sent again, is the ciphertext: no counter is used twice.
    block.payload = payload.slice();
    this.#sealingBytes += payload.byteLength + 64;
    this.#sealing = this.#sealing.then(async () => {
      const sealed = await this.#sealer.seal(block);
      this.#sealingBytes -= block.payload.byteLength + 64;
      this.#keep({ ...block, payload: sealed });
    }).catch((error) => {
      this.refused({ text: error.message });
    });
  }

  /** No more blocks follow. @returns {Promise<void>|null} when the last ones are on their way, null when they are */
  end() {
    if (this.#sealingBytes === 0) {
      this.#end();
      return null;
    }
    this.#ending = true;
    return this.#sealing.then(() => this.#end());
  }

  #end() {
    if (this.state === 'open') {
      this.#send('StreamState', {
        sinceNs: null, nextSequence: this.#nextSequence, nextSample: this.#nextSample, streamId: this.streamId,
        status: StreamStatus.ENDED,
      });
    }
    this.state = 'ended';
  }

  #keep(block) {
    this.#readySequence = block.sequence + 1;
    this.#readySample = block.firstSample + block.sampleCount;
    this.#kept.push(block);
    this.#keptBytes += block.payload.byteLength + 64;
    this.#bound();
    if (this.state === 'open') {
      this.#send('Block', { ...block, streamId: this.streamId });
    }
  }

  /** Called by the connection when it is welcomed. */
  open() {
    if (this.state === 'ended' || this.state === 'refused') {
      return;
    }
    this.#send('OpenStream', {
      ...this.#description, handle: this.handle, oldestSequence: this.#oldest(), nextSequence: this.#readySequence,
    });
  }

  /** Called by the connection. */
  opened(message) {
    this.streamId = message.streamId;
    this.state = 'open';
    this.#sendFrom(message.nextSequence);
    this.emit('opened', message);
  }

  /** Called by the connection. */
  acknowledged(message) {
    this.heldBelow = message.heldBelow;
    this.deliveredBelow = message.deliveredBelow;
    const below = this.#description.ackMode === AckMode.DELIVERED ? message.deliveredBelow : message.heldBelow;
    while (this.#kept.length > 0 && this.#kept[0].sequence < below) {
      this.#keptBytes -= this.#kept.shift().payload.byteLength + 64;
    }
    this.emit('ack', message);
  }

  /** Called by the connection: the relay waits for another sequence. */
  resend(message) {
    if (message.expected !== null && this.state === 'open') {
      this.#sendFrom(message.expected);
    }
  }

  /** Called by the connection. */
  refused(message) {
    this.state = 'refused';
    this.refusal = message.text;
    this.emit('refused', message.text);
  }

  /** Called by the connection. */
  disconnected() {
    if (this.state === 'open') {
      this.state = 'waiting';
    }
  }

  #sendFrom(sequence) {
    const oldest = this.#oldest();
    if (sequence < oldest) {
      const first = this.#kept[0];
      this.#send('Gap', {
        fromSequence: sequence, toSequence: oldest, fromSample: null, toSample: first?.firstSample ?? this.#readySample,
        streamId: this.streamId, reason: GapReason.PUBLISHER_LOST,
      });
      this.emit('lost', { fromSequence: sequence, toSequence: oldest });
    }
    for (const block of this.#kept) {
      if (block.sequence >= sequence) {
        this.counts.resent += 1;
        this.#send('Block', { ...block, streamId: this.streamId });
      }
    }
  }

  #oldest() {
    return this.#kept.length > 0 ? this.#kept[0].sequence : this.#readySequence;
  }

  #bound() {
    const newest = this.#kept[this.#kept.length - 1];
    while (this.#kept.length > 1 && (this.#keptBytes > MAX_KEPT_BYTES || tooOld(this.#kept[0], newest))) {
      this.#keptBytes -= this.#kept.shift().payload.byteLength + 64;
      this.counts.dropped += 1;
    }
  }
}

function tooOld(block, newest) {
  return block.deviceTimeNs !== null && newest.deviceTimeNs !== null
    && newest.deviceTimeNs - block.deviceTimeNs > MAX_KEPT_NS;
}

function classOf(kind) {
  switch (kind) {
    case Kind.ALERT: return ClinicalClass.ALARM;
    case Kind.NUMERIC: return ClinicalClass.NUMERICS;
    case Kind.DEVICE_AUDIO: return ClinicalClass.AUSCULTATION;
    case Kind.WAVEFORM: return ClinicalClass.LIVE_WAVEFORM;
    default: return ClinicalClass.BACKGROUND;
  }
}
