// Media connections with the relay, by WHIP (RFC 9725) and WHEP or over the session WebSocket: one offer, one answer,
// a resource that ends.

import { Backoff } from './backoff.js';
import { isAuscultation, spoiling, waitForAll } from './devicesound.js';
import { Emitter } from './emitter.js';
import { Refusal, refusalOf } from './problem.js';

/** How long a connection may stay "disconnected" before it is made anew. */
const PATIENCE_MS = 4000;
const GATHER_MS = 500;
const POST_TIMEOUT_MS = 15_000;
const RESTART_TIMEOUT_MS = 3000;
/** The session WebSocket may be on the way that was lost: then HTTP is asked, which makes a way of its own. */
const SESSION_RESTART_MS = 1000;
const ICE_SERVERS_TIMEOUT_MS = 3000;

const CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';

/** Lets packets carry their time of capture, where the browser can. */
function withCaptureTime(transceiver) {
  const all = transceiver.getHeaderExtensionsToNegotiate?.() ?? [];
  const one = all.find(({ uri }) => uri === CAPTURE_TIME);
  if (one) {
    one.direction = 'sendrecv';
    transceiver.setHeaderExtensionsToNegotiate(all);
  }
}

/** The `rel="ice-server"` links of a Link header, as RTCPeerConnection takes them. */
export function iceServersOf(link) {
  const servers = [];
  for (const [, urls, parameters] of link.matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+="[^"]*")*)/g)) {
    const given = Object.fromEntries([...parameters.matchAll(/([\w-]+)="([^"]*)"/g)].map((one) => one.slice(1)));
    if (given.rel === 'ice-server') {
      servers.push({ urls, username: given.username, credential: given.credential });
    }
  }
  return servers;
}

/** Makes, restarts and ends the resource of a media connection over HTTP. */
class HttpSignalling {
  constructor({ url, token, path }) {
    this.endpoint = new URL(path, url).href;
    this.token = token;
  }

  /** TURN servers the relay names with credentials (RFC 9725 section 4.6); none when it cannot be asked. */
  async iceServers() {
    try {
      const response = await fetch(this.endpoint, {
        method: 'OPTIONS',
        headers: { Authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(ICE_SERVERS_TIMEOUT_MS),
      });
      return iceServersOf(response.headers.get('Link') ?? '');
    } catch {
      return [];
    }
  }

  /** @returns {Promise<{resource: string, answer: string}>} the URL of the resource, and the answer */
  async create(sdp) {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${this.token}` },
      body: sdp,
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    });
    if (!response.ok) {
      throw await refusalOf(response);
    }
    const location = response.headers.get('Location');
    return { resource: location ? new URL(location, this.endpoint).href : '', answer: await response.text() };
  }

  /** @returns {Promise<string>} the relay's fragment */
  async restart(resource, fragment) {
    const response = await fetch(resource, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*',
        Authorization: `Bearer ${this.token}` },
      body: fragment,
      signal: AbortSignal.timeout(RESTART_TIMEOUT_MS),
    });
    if (!response.ok) {
      throw await refusalOf(response);
    }
    return response.text();
  }

  async remove(resource, keepalive) {
    await fetch(resource, { method: 'DELETE', headers: { Authorization: `Bearer ${this.token}` }, keepalive });
  }
}

/** The same over the session WebSocket, with which the resource ends; over HTTP while there is none. */
class SessionSignalling extends HttpSignalling {
  constructor({ url, token, path, session, create, remove, fields }) {
    super({ url, token, path });
    Object.assign(this, { session, types: { create, remove }, fields });
  }

  async create(sdp) {
    await this.session.connected();
    const { resource, sdp: answer } = await this.session.request(this.types.create, { sdp, ...this.fields });
    return { resource: `${this.endpoint.replace(/[?].*$/, '')}/${resource}`, answer };
  }

  async restart(resource, fragment) {
    try {
      const answer = await this.session.request('restart', { resource: lastSegment(resource), fragment },
        SESSION_RESTART_MS);
      return answer.fragment;
    } catch (refusal) {
      if (refusal.status !== 0) {
        throw refusal;
      }
      return super.restart(resource, fragment);
    }
  }

  async remove(resource, keepalive) {
    if (keepalive) {
      await super.remove(resource, true);
      return;
    }
    try {
      await this.session.request(this.types.remove, { resource: lastSegment(resource) });
    } catch (refusal) {
      if (refusal.status === 0) {
        await super.remove(resource, false);
      }
    }
  }
}

/**
 * A peer connection with the relay that is made anew when it fails. Events: `state` {state, reason} with
 * state one of connecting, connected, reconnecting, failed, closed.
 */
class RelayedPeer extends Emitter {
  state = 'connecting';
  /** @type {RTCPeerConnection|null} */
  connection = null;
  /** What FrameCrypto calls the tracks of the connection. @type {number[]} */
  cryptIds = [];
  /** URL of the WHIP or WHEP resource, '' while there is none. */
  resource = '';
  /** Uses the connection for messages. @type {import('./channels.js').MessageChannels|null} */
  channels = null;
  #backoff = new Backoff();
  #timer = 0;
  #onPageHide = () => this.#remove(true);
  #onOnline = () => this.restartIce().catch(() => {});

  /**
   * @param {HttpSignalling} signalling
   * @param {import('./endtoend.js').EndToEnd|null} [endToEnd]
   */
  constructor(signalling, endToEnd = null) {
    super();
    this.signalling = signalling;
    this.endToEnd = endToEnd;
    globalThis.addEventListener?.('pagehide', this.#onPageHide);
    globalThis.addEventListener?.('online', this.#onOnline);
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
    globalThis.removeEventListener?.('online', this.#onOnline);
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
    await this.endToEnd?.frames.ready;
    const iceServers = await this.signalling.iceServers();
    if (this.state === 'closed') {
      return;
    }
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.connection = connection;
    connection.onconnectionstatechange = () => this.#changed(connection);
    this.prepare(connection);
    this.channels?.prepare(connection);
    if (this.endToEnd && connection.getSenders().some((sender) => sender.track && !sender.transform)) {
      connection.close();
      throw new Refusal(400, 'encryption-required', 'A track would have been sent without encryption.');
    }
    await offer(connection);
    await gathered(connection);
    let made;
    try {
      made = await this.signalling.create(connection.localDescription.sdp);
    } catch (refusal) {
      connection.close();
      throw refusal;
    }
    this.resource = made.resource;
    if (this.state === 'closed' || this.connection !== connection) {
      connection.close();
      await this.#remove(false);
      return;
    }
    this.accepted();
    this.endToEnd?.frames.negotiated(this.cryptIds, made.answer);
    await connection.setRemoteDescription({ type: 'answer', sdp: made.answer });
  }

  /**
   * Restarts ICE (RFC 9725 section 4.3.3), because the network may have changed: keys, tracks and bindings go on.
   * Does nothing while there is no settled connection; rejects when it does not come about, and the old way goes on.
   */
  async restartIce() {
    const connection = this.connection;
    if (this.resource === '' || connection?.signalingState !== 'stable' || !connection.currentRemoteDescription) {
      return;
    }
    connection.restartIce();
    await offer(connection);
    try {
      const fragment =
        await this.signalling.restart(this.resource, fragmentOf(connection.localDescription.sdp));
      const sdp = restarted(connection.currentRemoteDescription.sdp, fragment);
      await connection.setRemoteDescription({ type: 'answer', sdp });
    } catch (error) {
      if (connection.signalingState === 'have-local-offer') {
        await connection.setLocalDescription({ type: 'rollback' });
      }
      throw error;
    }
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
        // The timer makes the connection anew when this does not bring it back.
        this.restartIce().catch(() => {});
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
    this.cryptIds.splice(0).forEach((id) => this.endToEnd.frames.end(id));
    connection?.close();
    this.channels?.released(connection);
    await this.#remove(false);
  }

  async #remove(keepalive) {
    const resource = this.resource;
    this.resource = '';
    if (resource === '') {
      return;
    }
    try {
      await this.signalling.remove(resource, keepalive);
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

/**
 * Publishes a MediaStream: by WHIP, or over a session when one is given. Event besides `state`: `warning` {track,
 * settings} when the sound of a medical device is changed by the browser, by settings of the track that are on.
 */
export class Publisher extends RelayedPeer {
  /**
   * @param {{url: string, token: string, consultation: string, stream: MediaStream, label?: string,
   *   session?: import('./session.js').SessionConnection, labels?: Object<string, string>,
   *   profiles?: Object<string, 'detail'|'motion'>, deviceAudio?: boolean,
   *   endToEnd?: import('./endtoend.js').EndToEnd}} options `labels` by mid, track id or kind; `profiles` need a
   *   session
   */
  constructor({ url, token, consultation, stream, label = '', session = null, labels = {}, profiles = {},
    deviceAudio = false, endToEnd = null }) {
    const query = new URLSearchParams([...(label === '' ? [] : [['label', label]]),
      ...Object.entries(labels).map(([key, name]) => ['label', `${key}:${name}`]),
      ...(deviceAudio ? [['audio', 'device']] : []), ...(endToEnd ? [['e2ee', 'sframe']] : [])]).toString();
    const path = `/whip/${encodeURIComponent(consultation)}${query === '' ? '' : `?${query}`}`;
    super(session === null ? new HttpSignalling({ url, token, path }) : new SessionSignalling({ url, token, path,
      session, create: 'publish', remove: 'unpublish', fields: { ...(label === '' ? {} : { label }), labels, profiles,
        ...(deviceAudio ? { audio: 'device' } : {}), ...(endToEnd ? { endToEnd: 'sframe' } : {}) } }), endToEnd);
    this.stream = stream;
    this.labelOf = (track, mid) => labels[mid] ?? labels[track.id] ?? labels[track.kind] ?? label;
    this.isDevice = (track) => deviceAudio || isAuscultation(labels[track.id] ?? labels.audio ?? label);
  }

  prepare(connection) {
    for (const track of this.stream.getTracks()) {
      const transceiver = connection.addTransceiver(track, { direction: 'sendonly', streams: [this.stream] });
      withCaptureTime(transceiver);
      this.seal(transceiver, track.kind);
    }
  }

  /** Encrypts what a transceiver sends, when this publisher encrypts. Before the offer is made. */
  seal(transceiver, kind) {
    if (this.endToEnd) {
      this.cryptIds.push(this.endToEnd.frames.seal(transceiver, kind));
    }
    this.stream.getAudioTracks().forEach((track) => this.#warn(track));
  }

  #warn(track) {
    const settings = this.isDevice(track) ? spoiling(track) : [];
    if (settings.length > 0) {
      this.emit('warning', { track, settings });
    }
  }

  /**
   * Sends only the encodings somebody wants; the rest is not even encoded.
   * @param {{mid: string, rids: string[]}} wanted a `layersWanted` message
   */
  async want({ mid, rids }) {
    const sender = this.connection?.getTransceivers().find((one) => one.mid === mid)?.sender;
    const parameters = sender?.getParameters();
    if (parameters?.encodings?.length) {
      for (const encoding of parameters.encodings) {
        encoding.active = rids.includes(encoding.rid ?? '');
      }
      await sender.setParameters(parameters).catch(() => {});
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
    if (track?.kind === 'audio') {
      this.#warn(track);
    }
  }
}

/**
 * Receives, by WHEP or over a session. Sections are offered in advance; which publication a section carries is told by
 * the session WebSocket. Events besides `state`: `track` {mid, track, binding} and `untrack` {mid} when the binding
 * changes.
 *
 * @typedef {object} Binding
 * @property {number} publication
 * @property {string} participant
 * @property {'audio'|'video'} kind
 * @property {string} label
 * @property {'device'} [audio] of the sound of a medical device
 */
export class Receiver extends RelayedPeer {
  /**
   * Sections by mid: the track and what it carries.
   * @type {Map<string, {track: MediaStreamTrack, binding: Binding|null, opener: number|null,
   *   receiver: RTCRtpReceiver}>}
   */
  sections = new Map();
  #bindings = new Map();
  #from;

  /**
   * @param {{url: string, token: string, consultation: string, audio?: number, video?: number, from?: string,
   *   session?: import('./session.js').SessionConnection, endToEnd?: import('./endtoend.js').EndToEnd}} options `from`
   *   only one participant's publications; who encrypts needs it, or a session, to know whose keys open what
   */
  constructor({ url, token, consultation, audio = 3, video = 5, from = '', session = null, endToEnd = null }) {
    const query = new URLSearchParams([...(from === '' ? [] : [['from', from]]),
      ...(endToEnd ? [['e2ee', 'sframe']] : [])]).toString();
    const path = `/whep/${encodeURIComponent(consultation)}${query === '' ? '' : `?${query}`}`;
    super(session === null ? new HttpSignalling({ url, token, path }) : new SessionSignalling({ url, token, path,
      session, create: 'subscribe', remove: 'unsubscribe', fields: { ...(from === '' ? {} : { from }),
        ...(endToEnd ? { endToEnd: 'sframe' } : {}) } }), endToEnd);
    this.counts = { audio, video };
    this.#from = from;
  }

  prepare(connection) {
    const openers = new Map();
    for (const [kind, count] of Object.entries(this.counts)) {
      for (let i = 0; i < count; i++) {
        const transceiver = connection.addTransceiver(kind, { direction: 'recvonly' });
        withCaptureTime(transceiver);
        if (this.endToEnd) {
          openers.set(transceiver, this.endToEnd.frames.open(transceiver, kind));
        }
      }
    }
    this.cryptIds.push(...openers.values());
    connection.ontrack = (event) => {
      const opener = openers.get(event.transceiver) ?? null;
      this.sections.set(event.transceiver.mid, { track: event.track, binding: null, opener,
        receiver: event.receiver });
      if (this.#from !== '') {
        this.#bindKey(opener, this.#from);
      }
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
      this.#bindKey(section.opener, binding?.participant ?? null);
      waitForAll(section.receiver, binding);
      if (binding) {
        this.emit('track', { mid: entry.mid, track: section.track, binding });
      }
    }
  }

  /** From now on only that participant's keys open what the section receives. */
  #bindKey(opener, participant) {
    if (opener !== null) {
      this.endToEnd.frames.bind(opener, participant);
    }
  }
}

/** The id of a resource, whether it came as a URL, a path or bare. */
export function lastSegment(resource) {
  return resource.replace(/[?#].*$/, '').replace(/\/+$/, '').split('/').pop();
}

/** Sets a new offer. Browsers do not ask for lost sound again by themselves; the relay does, when the offer says so. */
async function offer(connection) {
  const { sdp } = await connection.createOffer();
  try {
    await connection.setLocalDescription({ type: 'offer', sdp: withAudioNack(sdp) });
  } catch {
    await connection.setLocalDescription({ type: 'offer', sdp });
  }
}

/** The description with generic NACK (RFC 4585) for every Opus payload type that has none. */
export function withAudioNack(sdp) {
  return sdp.replace(/^a=rtpmap:(\d+) opus\/48000.*\r\n/gim, (line, type) =>
    (sdp.includes(`\na=rtcp-fb:${type} nack\r`) ? line : `${line}a=rtcp-fb:${type} nack\r\n`));
}

/** Mid and ICE credentials of the first section of an offer (RFC 8840 section 9). */
function fragmentOf(sdp) {
  const section = sdp.slice(sdp.indexOf('\r\nm=') + 2);
  return ['m=', 'a=mid:', 'a=ice-ufrag:', 'a=ice-pwd:'].map((start) =>
    `${section.split('\r\n').find((line) => line.startsWith(start))}\r\n`).join('');
}

/** The answer with the credentials and candidates of a fragment in every section. */
function restarted(answer, fragment) {
  const lines = fragment.split('\r\n');
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
  return answer.replace(/^a=candidate:.*\r\n/gm, '').replace(/^a=ice-ufrag:.*$/gm, () =>
    [lines.find((line) => line.startsWith('a=ice-ufrag:')), ...candidates].join('\r\n'))
    .replace(/^a=ice-pwd:.*$/gm, () => lines.find((line) => line.startsWith('a=ice-pwd:')));
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
