// Worker that encrypts and decrypts media frames between the codec and the packets (RTCRtpScriptTransform).
// What it cannot seal or open it drops and counts: nothing passes as it is.

import { Keyring, OpeningKeys, SealingKey } from './keys.js';
import { SFrameError } from './sframe.js';

const TELL_MS = 500;
/** Failures for so long without a success are told. */
const PATIENCE_MS = 2000;
const KEY_FRAME_MS = 1000;
/** Not the sender's fault, or nothing to worry about. */
const HARMLESS = new Set(['unbound', 'replay', 'no-epoch']);

/**
 * Bytes at the beginning that stay clear: the relay, and the packetizer of VP8, read them.
 * @param {string} mimeType of the codec, in lower case
 * @param {Uint8Array} frame
 * @throws {SFrameError} for a codec whose frames cannot be carried encrypted
 */
export function clearBytes(mimeType, frame) {
  switch (mimeType) {
    case 'audio/opus':
    case 'video/vp9':
      return 0;
    case 'video/vp8':
      return Math.min(frame.length, (frame[0] & 1) === 0 ? 10 : 1);
    default:
      throw new SFrameError('codec', `${mimeType || 'an unknown codec'} is not carried encrypted`);
  }
}

/** Seals the frames of one track. @param {SealingKey} key */
export async function sealFrame(key, mimeType, frame) {
  const clear = frame.slice(0, clearBytes(mimeType, frame));
  return key.seal(frame.subarray(clear.length), clear, { clear });
}

/** Opens a frame of a participant. @param {OpeningKeys} keys */
export async function openFrame(keys, kind, participant, mimeType, frame) {
  const length = clearBytes(mimeType, frame);
  const clear = frame.slice(0, length);
  const plaintext = await keys.open(kind, participant, frame.subarray(length), clear);
  const whole = new Uint8Array(length + plaintext.length);
  whole.set(clear);
  whole.set(plaintext, length);
  return whole;
}

/** All tracks of a session that go through this worker. */
class FrameWorker {
  #keyring = new Keyring();
  #opening = new OpeningKeys(this.#keyring);
  /** By id, as the page numbers them. A message about one may come before its transform, and after its end. */
  #tracks = new Map();

  receive({ type, id, ...more }) {
    switch (type) {
      case 'epochs': this.#keyring.restore(more.state); break;
      case 'bind': Object.assign(this.#track(id), { participant: more.participant, failedMs: null }); break;
      case 'codecs': this.#track(id).codecs = more.codecs; break;
      case 'end': this.#tracks.delete(id); break;
      default: break;
    }
  }

  transform(transformer) {
    const { operation, id, kind, participant } = transformer.options;
    const track = this.#track(id);
    const audio = kind === 'audio' ? 'audio/opus' : '';
    const mimeTypeOf = (frame) => {
      const { mimeType, payloadType } = audio ? {} : frame.getMetadata();
      return audio || (mimeType ?? track.codecs[payloadType] ?? '').toLowerCase();
    };
    let each;
    if (operation === 'seal') {
      const key = new SealingKey(this.#keyring, kind, participant);
      each = (frame, bytes) => sealFrame(key, mimeTypeOf(frame), bytes);
    } else {
      each = (frame, bytes) => {
        if (track.participant === null) {
          throw new SFrameError('unbound', 'nobody is known to send here');
        }
        return openFrame(this.#opening, kind, track.participant, mimeTypeOf(frame), bytes);
      };
    }
    const through = new TransformStream({
      transform: async (frame, controller) => {
        try {
          frame.data = (await each(frame, new Uint8Array(frame.data))).buffer;
        } catch (error) {
          this.#dropped(track, error instanceof SFrameError ? error.reason : error.name);
          return;
        }
        this.#passed(track, transformer, operation === 'open' && kind === 'video' && frame.type === 'delta');
        controller.enqueue(frame);
      },
    });
    // It ends with its connection.
    transformer.readable.pipeThrough(through).pipeTo(transformer.writable).catch(() => {});
  }

  /** Tells the page what has changed. */
  tell() {
    for (const [id, track] of this.#tracks) {
      const failing = track.failedMs !== null && track.lastFailedMs - track.failedMs >= PATIENCE_MS;
      if (track.changed || failing !== track.failing) {
        track.changed = false;
        track.failing = failing;
        postMessage({ type: 'track', id, passed: track.passed, dropped: { ...track.dropped }, failing });
      }
    }
  }

  #track(id) {
    if (!this.#tracks.has(id)) {
      this.#tracks.set(id, { participant: null, codecs: {}, passed: 0, dropped: {}, failedMs: null, lastFailedMs: 0,
        askedMs: -1e9, wanting: false, failing: false, changed: false });
    }
    return this.#tracks.get(id);
  }

  #dropped(track, reason) {
    track.dropped[reason] = (track.dropped[reason] ?? 0) + 1;
    track.changed = true;
    track.wanting = true;
    if (!HARMLESS.has(reason)) {
      track.lastFailedMs = performance.now();
      track.failedMs ??= track.lastFailedMs;
    }
  }

  /** A picture that follows dropped ones needs a key frame; the decoder would find out late. */
  #passed(track, transformer, isDelta) {
    track.passed += 1;
    track.changed = true;
    track.failedMs = null;
    const now = performance.now();
    if (track.wanting && isDelta && now - track.askedMs > KEY_FRAME_MS) {
      track.askedMs = now;
      track.wanting = false;
      transformer.sendKeyFrameRequest?.().catch(() => {});
    }
  }
}

if (typeof DedicatedWorkerGlobalScope !== 'undefined' && globalThis instanceof DedicatedWorkerGlobalScope) {
  const worker = new FrameWorker();
  globalThis.onmessage = ({ data }) => worker.receive(data);
  globalThis.onrtctransform = ({ transformer }) => worker.transform(transformer);
  setInterval(() => worker.tell(), TELL_MS);
  postMessage({ type: 'ready' });
}
