// Chevet's browser SDK: join a consultation, publish and receive media, receive and publish device streams.
//
//   import { join } from '/console/chevet.js';
//   const session = await join({ token });
//   session.on('track', ({ track, binding }) => video.srcObject = new MediaStream([track]));
//   session.on('stream', (stream) => { stream.on('block', draw); stream.subscribe({ liveMinusSeconds: 5 }); });
//   session.on('reconnecting', (reason) => show(reason)); // then 'reconnected', or 'failed' with its reason
//   session.subscribe();
//   await session.publish(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }));
//   await session.mute('audio', true);
//
// End-to-end encrypted when the link holds a key (#t=...&s=...), or one is given: join({ token, secret }).

import { MessageChannels } from './channels.js';
import { Emitter } from './emitter.js';
import { EndToEnd } from './endtoend.js';
import { secretIn } from './keys.js';
import { Refusal } from './problem.js';
import { SessionConnection } from './session.js';
import { QualityMeter } from './quality.js';
import { TokenRenewal } from './renewal.js';
import { requestStill, StillAnswers } from './still.js';
import { readToken, tokenIn } from './token.js';
import { VitalsConnection } from './vitals.js';
import { lastSegment, Publisher, Receiver } from './whip.js';

export { Refusal } from './problem.js';
export { readToken, tokenIn } from './token.js';
export { AckMode, BlockFlag, ClinicalClass, GapReason, Kind, SampleFormat, StreamStatus } from './sbe.js';
export { ObjectReceiver, ObjectSender } from './objects.js';
export { photograph } from './still.js';
export { VitalsConnection } from './vitals.js';
export { Publisher, Receiver } from './whip.js';
export { EndToEnd, lacking } from './endtoend.js';
export { secretIn } from './keys.js';
export { UNDECRYPTABLE } from './remotestream.js';

/**
 * Joins a consultation.
 * @param {{url?: string, token: string, vitals?: boolean, secret?: string|Uint8Array, joinCode?: string,
 *   renew?: () => Promise<string>, keySource?: import('./endtoend.js').KeySource}} options
 *   `url` of the relay (this page's by default); `vitals: false` opens no connection for device streams; `secret` of
 *   the consultation, by default the one in `token` when that is a whole join link; `renew` gives a newer token
 *   before this one runs out, so that the session goes on; `joinCode` what the participants told each other;
 *   `keySource` instead of `secret` and `joinCode`. With a key everything is end-to-end encrypted, whatever the relay
 *   says
 * @returns {Promise<Session>} when the relay has welcomed this participant
 * @throws {Refusal} when the token is missing, expired or not accepted; titled `key-malformed`,
 *   `encryption-unsupported` or `encryption-required` when keys are the trouble, before any media is sent
 */
export async function join({ url = globalThis.location.origin, token, vitals = true, secret, joinCode = '',
  renew = null, keySource = null }) {
  let bare = tokenIn(token ?? '');
  let claims = readToken(bare);
  if (renew && (claims?.expiresAtMs ?? Infinity) < Date.now()) {
    bare = tokenIn(await renew());
    claims = readToken(bare);
  }
  if (!claims) {
    throw new Refusal(401, 'no token', 'This link holds no join token.');
  }
  if (claims.expiresAtMs !== null && claims.expiresAtMs < Date.now()) {
    throw new Refusal(401, 'expired', 'This join link has expired.');
  }
  const given = secret ?? secretIn(token ?? '');
  const endToEnd = given !== '' || keySource
    ? await EndToEnd.create({ participant: claims.participant, secret: given, joinCode, keySource }) : null;
  const session = new Session({ url, token: bare, claims, vitals, endToEnd, renew });
  try {
    await session.start();
  } catch (refusal) {
    await session.leave();
    throw refusal;
  }
  return session;
}

/** Further receiving connections, made when the relay says that sections are missing. */
const MAX_FURTHER = 4;
/** Between two reports of what was measured. */
const QUALITY_MS = 5000;

/**
 * A consultation as this participant sees it. Events:
 * `state` {state, reason, parts} whenever a part changes; `reconnecting` reason, `reconnected` {resumed} and `failed`
 * reason of the session; `roster` Map of participants; `presence` {ready, roles}; `speakers` {active, levels};
 * `qualityScore` {scores}; `examMode` {mode, participant};
 * `track` {mid, track, binding} and `untrack` {mid} of the receiver; `stream` and `ended` of device streams;
 * `refused` Error message of the vitals connection; `renewed` {expiresAtMs} when a newer token is used; `epoch` {epoch,
 * safetyCode} when the keys have changed;
 * `evicted` {reason} when somebody put this participant out: everything is closed then;
 * `undecryptable` {participant, kind, name, failing} when what somebody sends cannot be opened, and when it can again;
 * `chat` {participant, text} and `annotation` {participant, event} of others; `returnTrack` {mid, track, binding} and
 * `returnUntrack` {mid} of the own pictures as they come back.
 */
export class Session extends Emitter {
  /** @type {Receiver|null} */
  receiver = null;
  /** @type {Map<string, Publisher>} own publications by label */
  publishers = new Map();
  /** @type {Set<Receiver>} connections for what the first has no sections for */
  further = new Set();
  /** @type {Receiver|null} of the own pictures */
  returning = null;
  #need = { audio: 0, video: 0 };
  #muted = new Map();
  #ready = null;
  #quality = new QualityMeter();
  #qualityTimer = 0;

  constructor({ url, token, claims, vitals, endToEnd = null, renew = null }) {
    super();
    this.url = url;
    this.token = token;
    this.claims = claims;
    /** @type {EndToEnd|null} */
    this.endToEnd = endToEnd;
    this.connection = new SessionConnection({ url, token });
    this.vitals = vitals ? new VitalsConnection({ url, token, endToEnd }) : null;
    /** Chat and annotations; null for a device, which has none. */
    this.channels = claims.role === 'device' ? null : new MessageChannels({ participant: claims.participant, endToEnd,
      isHere: (one) => this.connection.state !== 'connected' || this.roster.has(one) });
    for (const event of ['chat', 'annotation']) {
      this.channels?.on(event, (detail) => this.emit(event, detail));
    }
    this.renewal = renew && new TokenRenewal({ token, renew, taken: (newer) => this.#renewed(newer) });
    Object.assign(this.connection, { renewal: this.renewal });
    Object.assign(this.vitals ?? {}, { renewal: this.renewal });
    this.#watchKeys();
    this.#watch('session', this.connection);
    this.connection.on('roster', (roster) => {
      this.emit('roster', roster);
      this.#muteAgain();
    });
    this.connection.on('bindings', ({ resource, sections }) =>
      this.#receivers().forEach((receiver) => receiver.bind(resource, sections)));
    this.connection.on('need', (need) => {
      this.#need = need;
      this.#receiveMore();
    });
    this.connection.on('evicted', (reason) => {
      this.emit('evicted', { reason });
      this.leave().catch((error) => console.warn('leaving', error));
    });
    this.connection.on('resumed', ({ resources }) => this.#resumed(resources));
    this.connection.on('layersWanted', (wanted) => this.#publisherOf(wanted.resource)?.want(wanted));
    for (const event of ['reconnecting', 'reconnected', 'failed', 'presence', 'speakers', 'qualityScore', 'examMode',
      'layersWanted']) {
      this.connection.on(event, (detail) => this.emit(event, detail));
    }
    if (this.vitals) {
      this.#watch('vitals', this.vitals);
      this.vitals.on('stream', (stream) => {
        this.#watchStream(stream);
        this.emit('stream', stream);
      });
      this.vitals.on('ended', (stream) => this.emit('ended', stream));
      this.vitals.on('error', (error) => this.emit('refused', error));
    }
  }

  /** Own id. */
  get participant() {
    return this.claims.participant;
  }

  /** Participants by id. */
  get roster() {
    return this.connection.roster;
  }

  /** State of each part: session, vitals, receive, and publish:label. */
  get parts() {
    const parts = { session: this.connection.state };
    if (this.vitals) {
      parts.vitals = this.vitals.state;
    }
    if (this.receiver) {
      parts.receive = this.receiver.state;
    }
    for (const [label, publisher] of this.publishers) {
      parts[`publish:${label}`] = publisher.state;
    }
    return parts;
  }

  /** The worst state of the parts: failed, reconnecting, connecting, connected or closed. */
  get state() {
    const states = Object.values(this.parts);
    return ['failed', 'reconnecting', 'connecting', 'closed'].find((state) => states.includes(state)) ?? 'connected';
  }

  /** What people read to each other to know that they hold the same keys; '' without encryption. */
  get safetyCode() {
    return this.endToEnd?.safetyCode ?? '';
  }

  /**
   * Changes the keys for all who are here; practitioners and companions may.
   * @returns {Promise<number>} number of the new epoch
   * @throws {Refusal} when the relay refuses, or nothing is encrypted here
   */
  async rotate() {
    if (!this.endToEnd) {
      throw new Refusal(400, 'encryption-off', 'This consultation is not end-to-end encrypted here.');
    }
    return this.endToEnd.rotate();
  }

  /** Called by `join`. */
  async start() {
    const welcome = await this.connection.start();
    if (welcome.e2ee === 'required' && !this.endToEnd) {
      throw new Refusal(403, 'encryption-required',
        'This consultation is end-to-end encrypted, and this link holds no key.');
    }
    this.vitals?.start();
    this.renewal?.start();
    this.#qualityTimer = setInterval(() => this.#reportQuality(), QUALITY_MS);
  }

  /**
   * Receives what the others publish, now and later. When they publish more than there are sections, further
   * connections are made.
   * @param {{audio?: number, video?: number, from?: string}} [options] sections to offer
   * @returns {Receiver}
   */
  subscribe(options = {}) {
    this.receiver = this.#receiver('receive', options);
    return this.receiver;
  }

  /** The same by its older name. */
  receive(options = {}) {
    return this.subscribe(options);
  }

  /**
   * Publishes a camera, a microphone or a captured device.
   * @param {MediaStream} stream
   * @param {{label?: string, labels?: Object<string, string>, profiles?: Object<string, 'detail'|'motion'>,
   *   deviceAudio?: boolean}} [options] what people call it, and what its picture is for
   * @returns {Promise<Publisher>}
   */
  async publish(stream, { label = '', labels, profiles, deviceAudio } = {}) {
    const { url, token, claims, connection, endToEnd } = this;
    const publisher = new Publisher({ url, token, consultation: claims.consultation, stream, label, labels, profiles,
      deviceAudio, session: connection, endToEnd });
    this.publishers.set(label, publisher);
    this.channels?.add(publisher);
    this.#watch(`publish:${label}`, publisher);
    publisher.on('warning', (detail) => this.emit('warning', detail));
    try {
      await publisher.start();
    } catch (error) {
      this.publishers.delete(label);
      throw error;
    }
    return publisher;
  }

  /**
   * Stops or resumes what one sends of a kind: the tracks here, and their forwarding at the relay. It stays so for
   * connections made anew.
   * @param {'audio'|'video'} kind
   * @param {boolean} muted
   */
  async mute(kind, muted) {
    this.#muted.set(kind, muted);
    for (const publisher of this.publishers.values()) {
      publisher.stream.getTracks().filter((track) => track.kind === kind).forEach((track) => {
        track.enabled = !muted;
      });
    }
    await Promise.all(this.#own(kind).map(({ id }) => this.connection.request('mute', { publication: id, muted })));
  }

  /**
   * Says what one wants of a video, until the next wish for it.
   * @param {number} publication its id, as in bindings and on the roster
   * @param {{maxWidth?: number, maxHeight?: number, maxFps?: number, paused?: boolean, profile?: 'detail'|'motion'}}
   *   [wish] the best there is without one
   */
  async layers(publication, wish = {}) {
    await this.connection.request('layers', { publication, ...wish });
  }

  /**
   * Switches what the consultation is doing; practitioners and companions may.
   * @param {'normal'|'auscultation'|'scope'|'gesture'} mode
   */
  async examMode(mode) {
    await this.connection.request('examMode', { mode });
  }

  /**
   * Puts another participant out: its connections end, it is not let in again, and the keys are changed so that it can
   * open nothing that is sent from then on. Practitioners and companions may.
   * @param {string} participant its id
   * @throws {Refusal} when the relay refuses; or when it is out but the keys could not be changed, which another one
   *   who may will do
   */
  async evict(participant) {
    await this.connection.request('evict', { participant });
    await this.endToEnd?.rotateAfterEviction();
  }

  /**
   * Says something to all, over a data channel of a media connection.
   * @param {string} text at most 4096 bytes of UTF-8
   * @throws {Refusal} titled `no-channel` while nothing is published or received, `too-long`, `too-fast`, `held-up`, or
   *   `no-epoch` while the keys are being changed: nothing was sent
   */
  async say(text) {
    await this.#messages().say(text);
  }

  /**
   * Sends an annotation to all with the next picture of the screen; it may be lost where the network is poor.
   * @param {object} event at most 8192 bytes as JSON
   * @param {{replaces?: string}} [options] of the events with this name that still wait only the newest is sent; events
   *   of type `pointer` replace each other
   * @returns {Promise<boolean>} false when a newer one was sent in its place
   * @throws {Refusal} as `say` does
   */
  async annotate(event, options) {
    return this.#messages().annotate(event, options);
  }

  /**
   * Asks who sends a picture for one at the full resolution of the camera, which comes as an object.
   * @param {number} publication its id, as in bindings and on the roster
   * @param {(progress: {state: 'asked'|'taken'|'receiving', received?: number, size?: number}) => void} [onProgress]
   * @returns {Promise<import('./still.js').Still>}
   * @throws {Refusal} as told by `requestStill` of still.js
   */
  async requestStill(publication, onProgress) {
    return requestStill(this, publication, onProgress);
  }

  /**
   * Takes stills of the own cameras from now on when others ask for them, at most one every two seconds.
   * @param {object} [options] of `StillAnswers`: what takes them, and who is told
   * @returns {StillAnswers}
   */
  answerStills(options) {
    return new StillAnswers(this, options);
  }

  /**
   * Receives one's own pictures as they come out of the relay: what the others see, as late as it is.
   * @returns {Receiver} to be closed when it is not watched any more
   */
  returnView() {
    if (!this.returning) {
      const receiver = this.#receiver('return', { audio: 0, video: 1, from: this.participant });
      this.returning = receiver;
      receiver.on('state', ({ state }) => {
        if ((state === 'closed' || state === 'failed') && this.returning === receiver) {
          this.returning = null;
        }
      });
    }
    return this.returning;
  }

  /** Says whether the technical check has passed; it is said again after a reconnection. */
  async ready(isReady = true) {
    this.#ready = isReady;
    await this.connection.request('ready', { ready: isReady });
  }

  /** Stops one publication; its tracks are left to the caller. */
  async unpublish(publisher) {
    for (const [label, one] of this.publishers) {
      if (one === publisher) {
        this.publishers.delete(label);
      }
    }
    await publisher.close();
    this.emit('state', { state: this.state, reason: null, parts: this.parts });
  }

  /** Leaves: everything is closed and the relay is told. */
  async leave() {
    const peers = [...this.publishers.values(), ...this.#receivers()];
    clearInterval(this.#qualityTimer);
    this.renewal?.stop();
    await Promise.all(peers.map((peer) => peer.close()));
    this.channels?.close();
    this.vitals?.close();
    this.connection.close();
    this.endToEnd?.close();
  }

  #messages() {
    if (!this.channels) {
      throw new Refusal(403, 'no-channel', 'A device has no channel for messages.');
    }
    return this.channels;
  }

  /** Connections made with the earlier token end when it runs out: they are made again with the newer one. */
  #renewed(token) {
    this.token = token;
    this.claims = readToken(token);
    for (const peer of [...this.publishers.values(), ...this.#receivers()]) {
      peer.signalling.token = token;
    }
    this.connection.token = token;
    this.connection.renew();
    if (this.vitals) {
      this.vitals.token = token;
      this.vitals.interrupt();
    }
    this.emit('renewed', { expiresAtMs: this.claims.expiresAtMs });
  }

  #watchKeys() {
    const { endToEnd } = this;
    if (endToEnd) {
      endToEnd.attach(this.connection);
      endToEnd.on('epoch', (detail) => this.emit('epoch', detail));
      endToEnd.on('undecryptable', ({ participant, kind, failing }) =>
        this.emit('undecryptable', { participant, kind, name: '', failing }));
      endToEnd.on('fault', ({ from, reason }) => console.warn(`keys of '${from}': ${reason}`));
    }
  }

  #watchStream(stream) {
    if (this.endToEnd) {
      const tell = (failing) => this.emit('undecryptable', { participant: stream.info.participant, kind: 'vitals',
        name: stream.info.name, failing });
      stream.on('undecryptable', ({ failing }) => tell(failing));
      if (!stream.readable) {
        tell(true);
      }
    }
  }

  #publisherOf(resource) {
    return [...this.publishers.values()].find((one) => lastSegment(one.resource) === resource);
  }

  #receivers() {
    return [this.receiver, this.returning, ...this.further].filter((one) => one !== null);
  }

  #receiver(part, options) {
    const { url, token, claims, connection, endToEnd } = this;
    const receiver = new Receiver({ url, token, consultation: claims.consultation, session: connection, ...options,
      endToEnd });
    this.channels?.add(receiver);
    this.#watch(part, receiver);
    receiver.on('state', ({ state }) => {
      if (state === 'connected') {
        this.#receiveMore();
      }
    });
    // Media ids are unique within a connection; those of further ones get its name.
    const named = (detail) => (part === 'receive' ? detail : { ...detail, mid: `${part}/${detail.mid}` });
    const [track, untrack] = part === 'return' ? ['returnTrack', 'returnUntrack'] : ['track', 'untrack'];
    receiver.on('track', (detail) => this.emit(track, named(detail)));
    receiver.on('untrack', (detail) => this.emit(untrack, named(detail)));
    receiver.start().catch(() => {});
    return receiver;
  }

  /** What is needed may be told before the relay's answer to the connection it is about. */
  #receiveMore() {
    const { audio, video } = this.#need;
    const settled = this.#receivers().every((receiver) => receiver.resource !== '');
    if (audio + video === 0 || !this.receiver || !settled || this.further.size >= MAX_FURTHER) {
      return;
    }
    this.further.add(this.#receiver(`receive:${this.further.size + 1}`, { audio, video }));
  }

  /** After a loss: what the relay went on with stays, the rest is made anew. */
  #resumed(resources) {
    const peers = [...this.publishers.values(), ...this.#receivers()];
    const own = new Set(peers.map((peer) => lastSegment(peer.resource)));
    for (const peer of peers) {
      if (peer.resource !== '' && !(resources ?? []).includes(lastSegment(peer.resource))) {
        peer.again('the session had ended at the relay');
      }
    }
    // Made by a request whose answer was lost.
    for (const resource of (resources ?? []).filter((one) => !own.has(one))) {
      this.connection.request('unpublish', { resource }).catch(() => {});
    }
    if (resources === null && this.#ready !== null) {
      this.connection.tell('ready', { ready: this.#ready });
    }
  }

  #own(kind) {
    return (this.roster.get(this.participant)?.publications ?? []).filter((one) => one.kind === kind);
  }

  #muteAgain() {
    for (const [kind, muted] of this.#muted) {
      for (const { id } of this.#own(kind).filter((one) => muted && !one.muted)) {
        this.connection.tell('mute', { publication: id, muted: true });
      }
    }
  }

  async #reportQuality() {
    const measured = await this.#quality.measure([...this.publishers.values()].map((one) => one.connection),
      this.#receivers().map((one) => one.connection));
    if (measured.up || measured.down) {
      this.connection.tell('quality', measured);
    }
  }

  #watch(part, connection) {
    connection.on('state', ({ state, reason }) => {
      this.emit('state', { part, state: this.state, reason, parts: this.parts });
    });
  }
}
