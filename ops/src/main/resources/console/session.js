// The session WebSocket (chevet.session.v1): who is here, what they publish, what my sections carry, and requests.

import { Backoff } from './backoff.js';
import { Emitter } from './emitter.js';
import { Refusal } from './problem.js';
import { openSocket, refusalOfClose } from './socket.js';

export const SUBPROTOCOL = 'chevet.session.v1';
const PING_MS = 5000;
const SILENCE_MS = 16_000;
const ANSWER_MS = 10_000;
const MAX_TOKENS = 4;
/** How long a consultation is waited for that was there before the connection was lost. */
const REOPEN_MS = 300_000;
/** Close code of a session that was in use and whose participant was put out. */
const EVICTED = 4403;

/**
 * @typedef {object} RosterEntry
 * @property {string} participant
 * @property {string} role
 * @property {string} name
 * @property {boolean} ready the technical check has passed
 * @property {string[]} connections what is open: whip, whep, vitals, session
 * @property {{key: string, mac: string}} [endToEnd] what it announced to get new keys with
 * @property {{id: number, kind: 'audio'|'video', label: string, mid: string, muted: boolean,
 *   profile?: 'detail'|'motion'}[]} publications
 *
 * A session connection that repairs itself and takes its session over after a loss. Events: `state` {state, reason},
 * `reconnecting` reason, `reconnected` {resumed}, `failed` reason, `welcome` {participant, consultation},
 * `resumed` {resources: string[]|null} (null when the session had ended), `roster` the whole roster after each change,
 * `joined`/`changed`/`left` RosterEntry, `rosterChange` {event, entry, reason} before them,
 * `evicted` reason when this participant was put out (it is closed then), `roundtrip` milliseconds, and the relay's
 * other messages by their type: `bindings`, `need`, `presence`, `speakers`, `qualityScore`, `examMode`,
 * `layersWanted`, `epoch`.
 */
export class SessionConnection extends Emitter {
  /** @type {Map<string, RosterEntry>} */
  roster = new Map();
  state = 'connecting';
  participant = '';
  roundTripMs = null;
  /** Who is here and ready, by role: the last `presence` message. */
  presence = null;
  /** What the consultation is doing: `normal`, `auscultation`, `scope` or `gesture`. */
  examMode = 'normal';
  /** @type {import('./renewal.js').TokenRenewal|null} set by the session that can have newer tokens */
  renewal = null;
  /** The connection in use; another one may be on its way to take over. */
  #current = null;
  /** What may be resumed, newest first: more than one when it is not known which one the relay has taken. */
  #tokens = [];
  #wasConnected = false;
  #lostMs = null;
  #backoff = new Backoff();
  #timer = 0;
  #ping = 0;
  #heardMs = 0;
  #nextId = 0;
  /** @type {Map<number, {resolve: (answer: object) => void, reject: (error: Error) => void, timer: number}>} */
  #asked = new Map();
  #onPageHide = () => this.#current?.socket?.close(1000, 'page left');
  #onOnline = () => this.renew();

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
    globalThis.addEventListener?.('pagehide', this.#onPageHide);
    globalThis.addEventListener?.('online', this.#onOnline);
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

  /** Closes for good; the relay ends what this session made. */
  close() {
    this.#setState('closed', null);
    globalThis.removeEventListener?.('pagehide', this.#onPageHide);
    globalThis.removeEventListener?.('online', this.#onOnline);
    clearTimeout(this.#timer);
    clearInterval(this.#ping);
    this.#current?.socket?.close(1000, 'left');
    this.#current = null;
    this.#forget('the session was left');
  }

  /** Drops the connection as a network would; it reconnects by itself. */
  interrupt() {
    this.#current?.socket?.close(4000, 'interrupted');
  }

  /** Makes a new connection that takes over from the present one, because the network may have changed. */
  renew() {
    if (this.state === 'connected') {
      this.#connect();
    } else if (this.state === 'reconnecting') {
      clearTimeout(this.#timer);
      this.#connect();
    }
  }

  /**
   * Asks the relay for something.
   * @param {string} type of the request
   * @param {object} fields
   * @param {number} [timeoutMs]
   * @returns {Promise<object>} the answer
   * @throws {Refusal} the relay's error, or status 0 when there is no connection or no answer
   */
  request(type, fields, timeoutMs = ANSWER_MS) {
    const socket = this.#current?.socket;
    if (socket?.readyState !== 1) {
      return Promise.reject(new Refusal(0, 'unreachable', 'The session is not connected.'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(new Refusal(0, 'unreachable', 'The relay does not answer.'));
      }, timeoutMs);
      this.#asked.set(id, { resolve, reject, timer });
      socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  /** Sends a message that has no answer; false when there is no connection. */
  tell(type, fields) {
    const socket = this.#current?.socket;
    if (socket?.readyState !== 1) {
      return false;
    }
    socket.send(JSON.stringify({ type, ...fields }));
    return true;
  }

  /** Resolves once it is connected. @throws {Refusal} when that takes longer, or can no more be */
  connected(timeoutMs = ANSWER_MS) {
    if (this.state === 'connected') {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const end = (error) => {
        clearTimeout(timer);
        off();
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      };
      const timer = setTimeout(() => end(new Refusal(0, 'unreachable', 'The session is not connected.')), timeoutMs);
      const off = this.on('state', ({ state, reason, refusal }) => {
        if (state === 'connected') {
          end(null);
        } else if (state === 'failed' || state === 'closed') {
          end(refusal ?? new Refusal(0, state, reason ?? 'The session was left.'));
        }
      });
    });
  }

  async #connect() {
    const attempt = { socket: null };
    try {
      attempt.socket = await openSocket({
        url: this.url, path: '/v1/session', token: this.token, subprotocol: SUBPROTOCOL,
        onMessage: (data) => this.#receive(attempt, data),
        onClose: (code, reason) => this.#lost(attempt, code, reason),
      });
    } catch (refusal) {
      if (this.state === 'connected') {
        return;
      }
      if (refusal instanceof Refusal && this.#isFinal(refusal)) {
        this.#fail(refusal);
      } else {
        this.#again(refusal.message);
      }
      return;
    }
    if (this.state === 'closed' || this.state === 'failed') {
      attempt.socket.close(1000, 'left');
    }
  }

  #beat() {
    const now = performance.now();
    if (now - this.#heardMs > SILENCE_MS) {
      const silent = this.#current;
      silent?.socket?.close(4008, 'nothing heard from the relay');
      // The way may be gone, and then the closing handshake takes its time.
      this.#lost(silent, 4008, 'nothing heard from the relay');
      return;
    }
    this.tell('ping', { t: Math.round(now * 1000) });
  }

  #lost(attempt, code, reason) {
    const refusal = refusalOfClose(code, reason);
    if (this.state === 'closed' || this.state === 'failed') {
      return;
    }
    if (attempt !== this.#current) {
      // Closed before its welcome: nothing was in use yet, unless this was the only one on its way.
      if (!this.#current && attempt && !attempt.welcomed) {
        if (this.#isFinal(refusal) && !this.#mayBeOpenedAgain(refusal)) {
          this.#fail(refusal);
        } else {
          this.#again(reason || `connection closed (${code})`);
        }
      }
      return;
    }
    if (code === EVICTED) {
      this.close();
      this.emit('evicted', reason);
      return;
    }
    clearInterval(this.#ping);
    this.#current = null;
    this.#lostMs = performance.now();
    this.#forget('the connection was lost');
    if (this.#isFinal(refusal)) {
      this.#fail(refusal);
    } else {
      this.#again(reason || `connection closed (${code})`);
    }
  }

  /** A relay that was started anew knows no consultation until it is opened there. */
  #mayBeOpenedAgain(refusal) {
    return refusal.status === 404 && this.#lostMs !== null && performance.now() - this.#lostMs < REOPEN_MS;
  }

  /** A token that ran out is not the end where a newer one can be had. */
  #isFinal(refusal) {
    return refusal.final && !this.renewal?.wants(refusal);
  }

  #fail(refusal) {
    this.#setState('failed', refusal.message, refusal);
    this.emit('failed', refusal.message);
  }

  #again(reason) {
    if (this.state === 'closed' || this.state === 'failed') {
      return;
    }
    const first = this.state !== 'reconnecting';
    this.#setState('reconnecting', reason);
    if (first) {
      this.emit('reconnecting', reason);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #forget(reason) {
    for (const { reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(new Refusal(0, 'unreachable', reason));
    }
    this.#asked.clear();
  }

  #receive(attempt, data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message.type === 'welcome') {
      this.#welcome(attempt, message);
      return;
    }
    if (attempt !== this.#current) {
      return;
    }
    this.#heardMs = performance.now();
    const asked = this.#asked.get(message.id);
    if (asked && message.type !== 'roster') {
      this.#asked.delete(message.id);
      clearTimeout(asked.timer);
      if (message.type === 'error') {
        asked.reject(new Refusal(message.status ?? 0, message.title, message.detail));
      } else {
        asked.resolve(message);
      }
      return;
    }
    switch (message.type) {
      case 'roster':
        this.#rosterChanged(message);
        break;
      case 'presence':
        this.presence = message;
        this.emit('presence', message);
        break;
      case 'examMode':
        this.examMode = message.mode;
        this.emit('examMode', message);
        break;
      case 'pong':
        this.roundTripMs = performance.now() - message.t / 1000;
        this.emit('roundtrip', this.roundTripMs);
        break;
      case 'error':
        console.warn(`the relay refused '${message.request}': ${message.detail}`);
        break;
      default:
        this.emit(message.type, message);
        break;
    }
  }

  /** The whole state: this connection is the one in use from now on. */
  #welcome(attempt, message) {
    attempt.welcomed = true;
    const before = this.#current;
    this.#current = attempt;
    this.participant = message.participant;
    this.examMode = message.examMode;
    this.roster = new Map(message.roster.map((entry) => [entry.participant, entry]));
    this.#heardMs = performance.now();
    this.#backoff.reset();
    clearTimeout(this.#timer);
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#beat(), PING_MS);
    this.#beat();
    if (before) {
      this.#forget('a newer connection has taken over');
    }
    const earlier = this.#tokens;
    this.#tokens = [message.resume?.token ?? '', ...earlier].slice(0, MAX_TOKENS);
    if (earlier.length === 0) {
      this.#connected(message, false);
      return;
    }
    this.#resume(earlier).then((resources) => {
      this.#tokens.length = 1;
      before?.socket?.close(4000, 'taken over');
      this.#connected(message, resources !== null);
      this.emit('resumed', { resources });
    }, () => {
      // Without an answer this connection is lost as well; the next one tries all the tokens.
      if (this.#current === attempt) {
        attempt.socket?.close(4000, 'not resumed');
      }
    });
  }

  /** What went on, or null when there is nothing to take over any more. @throws {Refusal} when no answer came */
  async #resume(tokens) {
    for (const token of tokens) {
      try {
        return (await this.request('resume', { token })).resources;
      } catch (refusal) {
        if (refusal.status === 0) {
          throw refusal;
        }
      }
    }
    return null;
  }

  #connected(message, resumed) {
    const was = this.state;
    this.#setState('connected', null);
    this.emit('welcome', message);
    this.emit('roster', this.roster);
    if (this.#wasConnected && was !== 'connected') {
      this.emit('reconnected', { resumed });
    }
    this.#wasConnected = true;
  }

  #rosterChanged({ event, entry, reason }) {
    if (event === 'left') {
      this.roster.delete(entry.participant);
    } else {
      this.roster.set(entry.participant, entry);
    }
    this.emit('rosterChange', { event, entry, reason });
    this.emit(event, entry);
    this.emit('roster', this.roster);
  }

  #setState(state, reason, refusal = null) {
    this.state = state;
    this.emit('state', { state, reason, refusal });
  }
}
