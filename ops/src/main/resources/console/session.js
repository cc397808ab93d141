// The session WebSocket (chevet.session.v1): who is here, what they publish, what my sections carry.

import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { Refusal } from './problem.js';
import { openSocket, refusalOfClose } from './socket.js';

export const SUBPROTOCOL = 'chevet.session.v1';
const PING_MS = 5000;
const SILENCE_MS = 16_000;

/**
 * @typedef {object} RosterEntry
 * @property {string} participant
 * @property {string} role
 * @property {string} name
 * @property {string[]} connections what is open: whip, whep, vitals, session
 * @property {{id: number, kind: 'audio'|'video', label: string, mid: string}[]} publications
 *
 * A session connection that repairs itself. Events: `state` {state, reason}, `welcome` {participant, consultation},
 * `roster` the whole roster after each change, `joined`/`changed`/`left` RosterEntry,
 * `bindings` {resource, sections}, `roundtrip` milliseconds.
 */
export class SessionConnection extends Emitter {
  /** @type {Map<string, RosterEntry>} */
  roster = new Map();
  state = 'connecting';
  participant = '';
  roundTripMs = null;
  #socket = null;
  #backoff = new Backoff();
  #timer = 0;
  #ping = 0;
  #heardMs = 0;

  /** @param {{url: string, token: string}} options */
  constructor({ url, token }) {
    super();
    this.url = url;
    this.token = token;
  }

  /**
   * Opens it and keeps it open. Resolves with the first welcome.
   * @throws {Refusal} when the relay refuses the token
   */
  start() {
    return new Promise((resolve, reject) => {
      const offWelcome = this.on('welcome', (welcome) => {
        offWelcome();
        offState();
        resolve(welcome);
      });
      const offState = this.on('state', ({ state, reason, refusal }) => {
        if (state === 'failed') {
          offWelcome();
          offState();
          reject(refusal ?? new Refusal(0, '', reason));
        }
      });
      this.#connect();
    });
  }

  /** Closes for good. */
  close() {
    this.#setState('closed', null);
    clearTimeout(this.#timer);
    clearInterval(this.#ping);
    this.#socket?.close(1000, 'left');
    this.#socket = null;
  }

  /** Drops the connection as a network would; it reconnects by itself. */
  interrupt() {
    this.#socket?.close(4000, 'interrupted');
  }

  async #connect() {
    try {
      this.#socket = await openSocket({
        url: this.url, path: '/v1/session', token: this.token, subprotocol: SUBPROTOCOL,
        onMessage: (data) => this.#receive(data),
        onClose: (code, reason) => this.#lost(code, reason),
      });
    } catch (refusal) {
      if (refusal instanceof Refusal && refusal.final) {
        this.#setState('failed', refusal.message, refusal);
      } else {
        this.#again(refusal.message);
      }
      return;
    }
    if (this.state === 'closed') {
      this.#socket.close(1000, 'left');
      return;
    }
    this.#heardMs = performance.now();
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#beat(), PING_MS);
    this.#beat();
  }

  #beat() {
    const now = performance.now();
    if (now - this.#heardMs > SILENCE_MS) {
      this.#socket?.close(4008, 'nothing heard from the relay');
      return;
    }
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify({ type: 'ping', t: Math.round(now * 1000) }));
    }
  }

  #lost(code, reason) {
    clearInterval(this.#ping);
    this.#socket = null;
    if (this.state === 'closed' || this.state === 'failed') {
      return;
    }
    const refusal = refusalOfClose(code, reason);
    if (refusal.final) {
      this.#setState('failed', refusal.message, refusal);
    } else {
      this.#again(reason || `connection closed (${code})`);
    }
  }

  #again(reason) {
    if (this.state === 'closed') {
      return;
    }
    this.#setState('reconnecting', reason);
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #receive(data) {
    this.#heardMs = performance.now();
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    switch (message.type) {
      case 'welcome':
        this.participant = message.participant;
        this.roster = new Map(message.roster.map((entry) => [entry.participant, entry]));
        this.#backoff.reset();
        this.#setState('connected', null);
        this.emit('welcome', message);
        this.emit('roster', this.roster);
        break;
      case 'roster':
        this.#rosterChanged(message);
        break;
      case 'bindings':
        this.emit('bindings', message);
        break;
      case 'pong':
        this.roundTripMs = performance.now() - message.t / 1000;
        this.emit('roundtrip', this.roundTripMs);
        break;
      default:
        break;
    }
  }

  #rosterChanged({ event, entry }) {
    if (event === 'left') {
      this.roster.delete(entry.participant);
    } else {
      this.roster.set(entry.participant, entry);
    }
    this.emit(event, entry);
    this.emit('roster', this.roster);
  }

  #setState(state, reason, refusal = null) {
    this.state = state;
    this.emit('state', { state, reason, refusal });
  }
}
