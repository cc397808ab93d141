// Chevet's browser SDK: join a consultation, publish and receive media, receive and publish device streams.
//
//   import { join } from '/console/chevet.js';
//   const session = await join({ token });
//   session.on('track', ({ track, binding }) => video.srcObject = new MediaStream([track]));
//   session.on('stream', (stream) => { stream.on('block', draw); stream.subscribe({ liveMinusSeconds: 5 }); });
//   session.receive();
//   await session.publish(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }));

import { Emitter } from './emitter.js';
import { Refusal } from './problem.js';
import { SessionConnection } from './session.js';
import { readToken, tokenIn } from './token.js';
import { VitalsConnection } from './vitals.js';
import { Publisher, Receiver } from './whip.js';

export { Refusal } from './problem.js';
export { readToken, tokenIn } from './token.js';
export { AckMode, BlockFlag, ClinicalClass, GapReason, Kind, SampleFormat, StreamStatus } from './sbe.js';
export { VitalsConnection } from './vitals.js';
export { Publisher, Receiver } from './whip.js';

/**
 * Joins a consultation.
 * @param {{url?: string, token: string, vitals?: boolean}} options `url` of the relay (this page's by default);
 *   `vitals: false` opens no connection for device streams
 * @returns {Promise<Session>} when the relay has welcomed this participant
 * @throws {Refusal} when the token is missing, expired or not accepted
 */
export async function join({ url = globalThis.location.origin, token, vitals = true }) {
  const bare = tokenIn(token ?? '');
  const claims = readToken(bare);
  if (!claims) {
    throw new Refusal(401, 'no token', 'This link holds no join token.');
  }
  if (claims.expiresAtMs !== null && claims.expiresAtMs < Date.now()) {
    throw new Refusal(401, 'expired', 'This join link has expired.');
  }
  const session = new Session({ url, token: bare, claims, vitals });
  await session.start();
  return session;
}

/**
 * A consultation as this participant sees it. Events:
 * `state` {state, reason, parts} whenever a part changes; `roster` Map of participants;
 * `track` {mid, track, binding} and `untrack` {mid} of the receiver; `stream` and `ended` of device streams;
 * `refused` Error message of the vitals connection.
 */
export class Session extends Emitter {
  /** @type {Receiver|null} */
  receiver = null;
  /** @type {Map<string, Publisher>} own publications by label */
  publishers = new Map();

  constructor({ url, token, claims, vitals }) {
    super();
    this.url = url;
    this.token = token;
    this.claims = claims;
    this.connection = new SessionConnection({ url, token });
    this.vitals = vitals ? new VitalsConnection({ url, token }) : null;
    this.#watch('session', this.connection);
    this.connection.on('roster', (roster) => this.emit('roster', roster));
    this.connection.on('bindings', ({ resource, sections }) => this.receiver?.bind(resource, sections));
    if (this.vitals) {
      this.#watch('vitals', this.vitals);
      this.vitals.on('stream', (stream) => this.emit('stream', stream));
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

  /** Called by `join`. */
  async start() {
    await this.connection.start();
    this.vitals?.start();
  }

  /**
   * Receives what the others publish, now and later.
   * @param {{audio?: number, video?: number, from?: string}} [options] sections to offer
   * @returns {Receiver}
   */
  receive(options = {}) {
    const { url, token, claims } = this;
    const receiver = new Receiver({ url, token, consultation: claims.consultation, ...options });
    this.receiver = receiver;
    this.#watch('receive', receiver);
    receiver.on('track', (detail) => this.emit('track', detail));
    receiver.on('untrack', (detail) => this.emit('untrack', detail));
    receiver.start().catch(() => {});
    return receiver;
  }

  /**
   * Publishes a camera, a microphone or a captured device.
   * @param {MediaStream} stream
   * @param {{label?: string}} [options] what people call it
   * @returns {Promise<Publisher>}
   */
  async publish(stream, { label = '' } = {}) {
    const { url, token, claims } = this;
    const publisher = new Publisher({ url, token, consultation: claims.consultation, stream, label });
    this.publishers.set(label, publisher);
    this.#watch(`publish:${label}`, publisher);
    try {
      await publisher.start();
    } catch (error) {
      this.publishers.delete(label);
      throw error;
    }
    return publisher;
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
    const peers = [...this.publishers.values(), ...(this.receiver ? [this.receiver] : [])];
    await Promise.all(peers.map((peer) => peer.close()));
    this.vitals?.close();
    this.connection.close();
  }

  #watch(part, connection) {
    connection.on('state', ({ state, reason }) => {
      this.emit('state', { part, state: this.state, reason, parts: this.parts });
    });
  }
}
