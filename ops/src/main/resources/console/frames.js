// The page's side of frames-worker.js: one worker for all tracks of a session.

import { Emitter } from './emitter.js';

/** MIME types of what may be negotiated: codecs whose frames can be carried encrypted, and retransmission. */
const CARRIED = new Set(['audio/opus', 'video/vp8', 'video/vp9', 'video/rtx']);

/**
 * Encrypts and decrypts media frames. Events: `undecryptable` {id, participant, kind, failing, dropped} when nothing of
 * a track could be opened for two seconds, and again, with `failing` false, when it can.
 */
export class FrameCrypto extends Emitter {
  /** By id: what was sealed or opened and what was dropped, by reason. */
  tracks = new Map();
  #participant;
  #worker;
  #off;
  #nextId = 1;

  /**
   * @param {import('./keys.js').Keyring} keyring
   * @param {string} participant own id
   */
  constructor(keyring, participant) {
    super();
    this.#participant = participant;
    this.#worker = new Worker(new URL('./frames-worker.js', import.meta.url), { type: 'module' });
    /** Resolves when the worker runs: a transform made before may be lost. */
    this.ready = new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => {
        if (data.type === 'ready') {
          resolve();
        } else {
          this.#told(data);
        }
      };
      this.#worker.onerror = (event) => reject(new Error(event.message || 'the encryption worker does not start'));
    });
    this.ready.catch(() => {});
    const post = () => this.#worker.postMessage({ type: 'epochs', state: keyring.state });
    this.#off = keyring.on('change', post);
    post();
  }

  /** Seals what a transceiver sends. Before its offer, so that nothing is ever sent as it is. */
  seal(transceiver, kind) {
    limit(transceiver, RTCRtpSender.getCapabilities(kind));
    const id = this.#add('seal', kind);
    transceiver.sender.transform = new RTCRtpScriptTransform(this.#worker,
      { operation: 'seal', id, kind, participant: this.#participant });
    return id;
  }

  /** Opens what a transceiver receives; nothing passes until `bind` says who sends it. */
  open(transceiver, kind) {
    limit(transceiver, RTCRtpReceiver.getCapabilities(kind));
    const id = this.#add('open', kind);
    transceiver.receiver.transform = new RTCRtpScriptTransform(this.#worker, { operation: 'open', id, kind });
    return id;
  }

  /** Says which codec each payload type is, for browsers that do not say it of a frame. @param {string} answer */
  negotiated(ids, answer) {
    const codecs = Object.fromEntries([...answer.matchAll(/^a=rtpmap:(\d+) ([\w-]+)\//gm)]
      .map(([, type, name]) => [type, `${name.toLowerCase() === 'opus' ? 'audio' : 'video'}/${name.toLowerCase()}`]));
    ids.forEach((id) => this.#worker.postMessage({ type: 'codecs', id, codecs }));
  }

  /** Says who sends what a track receives. @param {string|null} participant */
  bind(id, participant) {
    const track = this.tracks.get(id);
    if (track && track.participant !== participant) {
      if (track.failing) {
        track.failing = false;
        this.emit('undecryptable', { id, ...track });
      }
      track.participant = participant;
      this.#worker.postMessage({ type: 'bind', id, participant });
    }
  }

  /** A track has ended with its connection. */
  end(id) {
    this.bind(id, null);
    this.tracks.delete(id);
    this.#worker.postMessage({ type: 'end', id });
  }

  /** Ends the worker. */
  close() {
    this.#off();
    this.#worker.terminate();
  }

  #add(operation, kind) {
    const id = this.#nextId++;
    this.tracks.set(id, { operation, kind, participant: operation === 'seal' ? this.#participant : null, passed: 0,
      dropped: {}, failing: false });
    return id;
  }

  #told({ id, passed, dropped, failing }) {
    const track = this.tracks.get(id);
    if (!track) {
      return;
    }
    const was = track.failing;
    Object.assign(track, { passed, dropped, failing });
    if (was !== failing) {
      this.emit('undecryptable', { id, ...track });
    }
  }
}

/** Leaves only codecs whose frames can be carried encrypted. */
function limit(transceiver, capabilities) {
  transceiver.setCodecPreferences(
    capabilities.codecs.filter(({ mimeType }) => CARRIED.has(mimeType.toLowerCase())));
}
