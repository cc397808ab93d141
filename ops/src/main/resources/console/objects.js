// Photos and documents as streams of kind OBJECT: sent at the receivers' pace, put together and checked there.

import { Emitter } from './emitter.js';
import { BlockSealer, KEY_ID } from './sealedblocks.js';
import { AckMode, ClinicalClass, Kind, SampleFormat, StreamStatus } from './sbe.js';

export const MAX_OBJECT_BYTES = 25_000_000;
const CHUNK_BYTES = 4096;
const MAX_TEXT = 255;
const FIXED = 49;
/** Chunks that may be under way: few, so that live streams do not wait behind them. */
const WINDOW = 16;

/** Block 0 of an object: version, size, bytes per chunk, SHA-256, name, media type. */
export function encodeManifest({ name, type, size, chunkBytes, sha256 }) {
  const texts = [name, type].map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(FIXED + texts[0].length + texts[1].length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setBigUint64(1, BigInt(size), true);
  view.setUint32(9, chunkBytes, true);
  bytes.set(sha256, 13);
  let at = 45;
  for (const text of texts) {
    view.setUint16(at, text.length, true);
    bytes.set(text, at + 2);
    at += 2 + text.length;
  }
  return bytes;
}

/** @throws {RangeError} when the bytes are no manifest */
export function decodeManifest(payload) {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const size = Number(view.getBigUint64(1, true));
  const chunkBytes = view.getUint32(9, true);
  if (view.getUint8(0) !== 1 || size < 1 || size > MAX_OBJECT_BYTES || chunkBytes < 1 || chunkBytes > 65_536) {
    throw new RangeError('not a manifest of an object');
  }
  const texts = [];
  for (let at = 45, i = 0; i < 2; i++) {
    const length = view.getUint16(at, true);
    if (length > MAX_TEXT || at + 2 + length > payload.byteLength) {
      throw new RangeError('the manifest is cut short');
    }
    texts.push(new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return { name: texts[0], type: texts[1], size, chunkBytes, sha256: payload.slice(13, 45) };
}

function header(sequence) {
  return { sequence, firstSample: sequence, deviceTimeNs: null, sampleCount: 1, flags: 0 };
}

/**
 * Sends one file; it can be had until `end`. Events: `opened`, `progress` {sent, blocks}, `delivered`, `refused` text,
 * `ended`.
 * The connection treats it as one of its own streams.
 */
export class ObjectSender extends Emitter {
  state = 'waiting';
  streamId = null;
  delivered = false;
  counts = { sent: 0 };
  heldBelow = 0;
  #send;
  /** Manifest and pieces, as they are sent: sealed once, so that what is sent again is the same. */
  #chunks;
  #cursor = 0;
  #limit = 0;

  /**
   * @param {?{endToEnd: import('./endtoend.js').EndToEnd, instance: bigint}} sealing null to send it in the clear
   * @returns {Promise<ObjectSender>} of a File or Blob of at most 25 MB, with a plain name
   */
  static async of(handle, file, streamName, send, sealing = null) {
    if (file.size < 1 || file.size > MAX_OBJECT_BYTES) {
      throw new RangeError(`${file.size} bytes: an object has 1 to ${MAX_OBJECT_BYTES}`);
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const name = (file.name ?? 'object').replace(/[/\\\u0000-\u001f]/g, '_').slice(0, 80);
    const manifest = encodeManifest({ name, type: file.type.slice(0, 80), size: bytes.length, chunkBytes: CHUNK_BYTES,
      sha256 });
    const chunks = [manifest];
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
    }
    const sender = new ObjectSender(handle, streamName, chunks, sealing ? KEY_ID : 0, send);
    if (sealing) {
      await sender.#seal(sealing);
    }
    return sender;
  }

  constructor(handle, streamName, chunks, keyId, send) {
    super();
    this.handle = handle;
    this.#chunks = chunks;
    this.#send = send;
    this.blocks = chunks.length;
    this.description = {
      name: streamName, label: '', device: '', kind: Kind.OBJECT, clinicalClass: ClinicalClass.BACKGROUND,
      sampleFormat: SampleFormat.OPAQUE, rateNumerator: 0, rateDenominator: 1, scale: 1, zeroOffset: 0,
      missingValue: 0, hasMissingValue: 0, mdcCode: 0, bodySite: 0, staleAfterMs: 0, keyId,
      ackMode: AckMode.DELIVERED, channels: [{ mdc: 0, label: '', unit: '' }],
    };
  }

  async #seal({ endToEnd, instance }) {
    const sealer = new BlockSealer(endToEnd, { ...this.description, participant: endToEnd.participant, instance });
    for (let sequence = 0; sequence < this.#chunks.length; sequence++) {
      this.#chunks[sequence] = await sealer.seal({ ...header(sequence), payload: this.#chunks[sequence] });
    }
  }

  /** Blocks that are under way or wanted. */
  get unacknowledged() {
    return this.delivered ? 0 : this.blocks;
  }

  /** Ends the offer. */
  end() {
    if (this.state === 'open') {
      this.#send('StreamState', {
        sinceNs: null, nextSequence: this.blocks, nextSample: null, streamId: this.streamId, status: StreamStatus.ENDED,
      });
    }
    this.state = 'ended';
    this.emit('ended');
  }

  /** Called by the connection. */
  open() {
    if (this.state === 'waiting') {
      this.#send('OpenStream', {
        ...this.description, handle: this.handle, oldestSequence: 0, nextSequence: this.blocks,
      });
    }
  }

  /** Called by the connection: the relay wants the blocks from here, as many as it gives credit for. */
  opened(message) {
    this.streamId = message.streamId;
    this.state = 'open';
    this.#cursor = message.nextSequence;
    this.#limit = message.nextSequence;
    this.emit('opened', message);
  }

  /** Called by the connection. */
  credited(message) {
    this.#limit = message.receivedBelow + Math.min(message.credit, WINDOW);
    while (this.state === 'open' && this.#cursor < this.#limit && this.#cursor < this.blocks) {
      const sequence = this.#cursor;
      this.#cursor += 1;
      this.counts.sent += 1;
      this.#send('Block', { ...header(sequence), streamId: this.streamId, payload: this.#chunks[sequence] });
    }
    this.emit('progress', { sent: this.#cursor, blocks: this.blocks });
  }

  /** Called by the connection. */
  acknowledged(message) {
    if (!this.delivered && message.deliveredBelow >= this.blocks) {
      this.delivered = true;
      this.emit('delivered', message);
    }
  }

  /** Called by the connection. */
  resend() {
    // The relay says with StreamOpened where to go on.
  }

  /** Called by the connection. */
  refused(message) {
    this.state = 'refused';
    this.emit('refused', message.text);
  }

  /** Called by the connection. */
  disconnected() {
    if (this.state === 'open') {
      this.state = 'waiting';
    }
  }
}

/**
 * Receives one object. Events: `manifest`, `progress` {received, size}, `complete` {name, type, bytes},
 * `broken` reason; nothing of a broken one may be used.
 */
export class ObjectReceiver extends Emitter {
  manifest = null;
  received = 0;
  done = false;
  #bytes = null;
  #stream;

  /** @param {import('./remotestream.js').RemoteStream} stream of kind OBJECT */
  constructor(stream) {
    super();
    this.#stream = stream;
    stream.on('block', (block) => this.block(block.payload));
    stream.on('gap', () => this.#broken('a part is missing'));
    stream.on('status', (status) => status === StreamStatus.ENDED && this.#broken('the sender ended'));
    stream.subscribe({ fromSequence: 0, credit: WINDOW, required: true });
  }

  /** The payload of the next block. */
  block(payload) {
    if (this.done) {
      return;
    }
    if (this.manifest === null) {
      this.#begin(payload);
      return;
    }
    const { size, chunkBytes } = this.manifest;
    if (payload.length !== Math.min(chunkBytes, size - this.received)) {
      this.#broken(`a chunk has ${payload.length} bytes`);
      return;
    }
    this.#bytes.set(payload, this.received);
    this.received += payload.length;
    this.emit('progress', { received: this.received, size });
    if (this.received === size) {
      this.#check();
    }
  }

  #begin(payload) {
    try {
      this.manifest = decodeManifest(payload);
      this.#bytes = new Uint8Array(this.manifest.size);
      this.emit('manifest', this.manifest);
    } catch (error) {
      this.#broken(error.message);
    }
  }

  async #check() {
    this.done = true;
    // The sender hears of the last chunks too: fewer than half a window would not be told.
    this.#stream.confirm();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', this.#bytes));
    if (hash.every((byte, i) => byte === this.manifest.sha256[i])) {
      this.emit('complete', { ...this.manifest, bytes: this.#bytes });
    } else {
      this.emit('broken', 'SHA-256 differs');
    }
    this.#bytes = null;
  }

  #broken(why) {
    if (!this.done) {
      this.done = true;
      this.#bytes = null;
      this.emit('broken', why);
    }
  }
}
