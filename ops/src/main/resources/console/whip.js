// WHIP (RFC 9725) to publish, WHEP to receive: one POST with an offer, one answer, DELETE at the end.

import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { Refusal, refusalOf } from './problem.js';

/** How long a connection may stay "disconnected" before it is made anew. */
const PATIENCE_MS = 4000;
const GATHER_MS = 500;
const POST_TIMEOUT_MS = 15_000;

/**
 * A peer connection with the relay that is made anew when it fails. Events: `state` {state, reason} with
 * state one of connecting, connected, reconnecting, failed, closed.
 */
class RelayedPeer extends Emitter {
  state = 'connecting';
  /** @type {RTCPeerConnection|null} */
  connection = null;
  /** URL of the WHIP or WHEP resource, '' while there is none. */
  resource = '';
  #backoff = new Backoff();
  #timer = 0;
  #onPageHide = () => this.#remove(true);

  constructor({ url, token, path }) {
    super();
    this.endpoint = new URL(path, url).href;
    this.token = token;
    globalThis.addEventListener?.('pagehide', this.#onPageHide);
  }

  /** Connects; resolves when the relay has answered, rejects when it refused for good. */
  async start() {
    try {
      await this.#attempt();
    } catch (error) {
      if (error instanceof Refusal && error.final) {
        this.setState('failed', error.message);
        throw error;
      }
      this.again(error.message);
    }
  }

  /** Ends it and tells the relay. */
  async close() {
    this.setState('closed', null);
    globalThis.removeEventListener?.('pagehide', this.#onPageHide);
    await this.#drop();
  }

  /** Makes the connection anew. */
  again(reason) {
    if (this.state === 'closed' || this.state === 'failed') {
      return;
    }
    this.setState('reconnecting', reason);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      await this.#drop();
      await this.start().catch(() => {});
    }, this.#backoff.next());
  }

  /** Adds the media sections. Overridden. */
  prepare(_connection) {
    throw new Error('not overridden');
  }

  /** Sections of a new connection are gone. Overridden where it matters. */
  dropped() {
  }

  async #attempt() {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.connection = connection;
    connection.onconnectionstatechange = () => this.#changed(connection);
    this.prepare(connection);
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${this.token}` },
      body: connection.localDescription.sdp,
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    });
    if (!response.ok) {
      connection.close();
      throw await refusalOf(response);
    }
    const location = response.headers.get('Location');
    this.resource = location ? new URL(location, this.endpoint).href : '';
    const answer = await response.text();
    if (this.state === 'closed' || this.connection !== connection) {
      connection.close();
      await this.#remove(false);
      return;
    }
    this.accepted();
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** The relay has answered and the resource is known. Overridden where it matters. */
  accepted() {
  }

  #changed(connection) {
    if (connection !== this.connection) {
      return;
    }
    clearTimeout(this.#timer);
    switch (connection.connectionState) {
      case 'connected':
        this.#backoff.reset();
        this.setState('connected', null);
        break;
      case 'disconnected':
        this.setState('reconnecting', 'no answer from the relay');
        this.#timer = setTimeout(() => this.again('no answer from the relay'), PATIENCE_MS);
        break;
      case 'failed':
      case 'closed':
        this.again('the connection failed');
        break;
      default:
        break;
    }
  }

  async #drop() {
    clearTimeout(this.#timer);
    const connection = this.connection;
    this.connection = null;
    this.dropped();
    connection?.close();
    await this.#remove(false);
  }

  async #remove(keepalive) {
    const resource = this.resource;
    this.resource = '';
    if (resource === '') {
      return;
    }
    try {
      await fetch(resource, { method: 'DELETE', headers: { Authorization: `Bearer ${this.token}` }, keepalive });
    } catch {
      // The relay finds out by itself when nothing more arrives.
    }
  }

  setState(state, reason) {
    if (this.state === state && reason === null) {
      return;
    }
    if (this.state === 'closed' || (this.state === 'failed' && state !== 'closed')) {
      return;
    }
    this.state = state;
    this.emit('state', { state, reason });
  }
}

/** Publishes a MediaStream by WHIP. */
export class Publisher extends RelayedPeer {
  /** @param {{url: string, token: string, consultation: string, stream: MediaStream, label?: string}} options */
  constructor({ url, token, consultation, stream, label = '' }) {
    const query = label === '' ? '' : `?label=${encodeURIComponent(label)}`;
    super({ url, token, path: `/whip/${encodeURIComponent(consultation)}${query}` });
    this.stream = stream;
  }

  prepare(connection) {
    for (const track of this.stream.getTracks()) {
      connection.addTransceiver(track, { direction: 'sendonly', streams: [this.stream] });
    }
  }

  /** Replaces the track of its kind without a new offer; null sends nothing. */
  async replaceTrack(kind, track) {
    const sender = this.connection?.getTransceivers().find((one) => one.receiver.track?.kind === kind)?.sender;
    await sender?.replaceTrack(track);
    this.stream.getTracks().filter((one) => one.kind === kind).forEach((one) => this.stream.removeTrack(one));
    if (track) {
      this.stream.addTrack(track);
    }
  }
}

/**
 * Receives by WHEP. Sections are offered in advance; which publication a section carries is told by the session
 * WebSocket. Events besides `state`: `track` {mid, track, binding} and `untrack` {mid} when the binding changes.
 *
 * @typedef {object} Binding
 * @property {number} publication
 * @property {string} participant
 * @property {'audio'|'video'} kind
 * @property {string} label
 */
export class Receiver extends RelayedPeer {
  /**
   * Sections by mid: the track and what it carries.
   * @type {Map<string, {track: MediaStreamTrack, binding: Binding|null}>}
   */
  sections = new Map();
  #bindings = new Map();

  /**
   * @param {{url: string, token: string, consultation: string, audio?: number, video?: number, from?: string}} options
   *   `from` only one participant's publications
   */
  constructor({ url, token, consultation, audio = 3, video = 5, from = '' }) {
    const query = from === '' ? '' : `?from=${encodeURIComponent(from)}`;
    super({ url, token, path: `/whep/${encodeURIComponent(consultation)}${query}` });
    this.counts = { audio, video };
  }

  prepare(connection) {
    for (let i = 0; i < this.counts.audio; i++) {
      connection.addTransceiver('audio', { direction: 'recvonly' });
    }
    for (let i = 0; i < this.counts.video; i++) {
      connection.addTransceiver('video', { direction: 'recvonly' });
    }
    connection.ontrack = (event) => {
      this.sections.set(event.transceiver.mid, { track: event.track, binding: null });
      this.#apply();
    };
  }

  accepted() {
    this.#apply();
  }

  dropped() {
    for (const [mid, section] of this.sections) {
      if (section.binding) {
        this.emit('untrack', { mid });
      }
    }
    this.sections.clear();
  }

  /**
   * Takes a `bindings` message of the session WebSocket. It may come before the answer does.
   * @param {string} resource which WHEP resource it is about
   * @param {(Binding & {mid: string, publication: number|null})[]} sections
   */
  bind(resource, sections) {
    this.#bindings.set(lastSegment(resource), sections);
    if (this.#bindings.size > 8) {
      this.#bindings.delete(this.#bindings.keys().next().value);
    }
    this.#apply();
  }

  #apply() {
    const sections = this.#bindings.get(lastSegment(this.resource));
    if (!sections) {
      return;
    }
    for (const entry of sections) {
      const section = this.sections.get(entry.mid);
      const binding = entry.publication === null ? null : entry;
      if (!section || section.binding?.publication === binding?.publication) {
        continue;
      }
      if (section.binding) {
        this.emit('untrack', { mid: entry.mid });
      }
      section.binding = binding;
      if (binding) {
        this.emit('track', { mid: entry.mid, track: section.track, binding });
      }
    }
  }
}

/** The id of a resource, whether it came as a URL, a path or bare. */
function lastSegment(resource) {
  return resource.replace(/[?#].*$/, '').replace(/\/+$/, '').split('/').pop();
}

/** The relay needs no trickle; half a second is enough for host candidates. */
function gathered(connection) {
  if (connection.iceGatheringState === 'complete') {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState === 'complete') {
        clearTimeout(timer);
        resolve();
      }
    });
  });
}
