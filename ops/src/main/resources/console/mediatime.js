// Which relay time is which RTP timestamp: the session's clock exchange, and what the relay says of the sender reports.

import { ClockEstimator, MAX_DRIFT, NEEDED, nowNs } from './clock.js';

const BURST_MS = 150;
const PERIOD_MS = 1000;
/** What the relay said longer ago than this is not used any more. */
const OLDEST_S = 20;
const HALF_TURN = 2 ** 31;

/** Asks as long as it is started. A relay that does not know the question is not asked again. */
export class MediaTimes {
  #estimator = new ClockEstimator();
  #sections = new Map();
  #timer = 0;
  #asked = 0;

  /** @param {import('./session.js').SessionConnection} connection */
  constructor(connection) {
    this.connection = connection;
    this.off = connection.on('resumed', ({ resources }) => {
      if (resources === null) {
        this.#estimator.reset();
        this.#sections.clear();
      }
    });
  }

  start() {
    this.#ask();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.off();
  }

  /** The relay's clock by the session's own exchanges. @returns {import('./clock.js').Estimate|null} */
  clock() {
    return this.#estimator.estimate(nowNs());
  }

  /**
   * A time of the page's clock as relay time.
   * @param {number} pageMs as performance.now() and the timeStamp of an event have it
   * @returns {{us: number, errorUs: number}|null} microseconds since 1970, null while the relay's clock is not known
   */
  relayAt(pageMs) {
    const clock = this.clock();
    return clock ? { us: Math.round((performance.timeOrigin + pageMs) * 1000) + Number(clock.offsetNs / 1000n),
      errorUs: Math.ceil(Number(clock.uncertaintyNs) / 1000) } : null;
  }

  /**
   * When the media of an RTP timestamp was captured.
   * @param {string} resource of the receiving connection @param {string} mid @param {number} timestamp
   * @returns {{relayS: number, uncertaintyS: number}|null} null while it is not known
   */
  timeOf(resource, mid, timestamp) {
    const known = this.#sections.get(`${resource} ${mid}`);
    const ageS = known ? (performance.now() - known.heardMs) / 1000 : 0;
    if (!known || ageS > OLDEST_S) {
      return null;
    }
    return { relayS: known.relayUs / 1e6 + difference(timestamp, known.timestamp) / known.clockRate,
      uncertaintyS: known.uncertaintyUs / 1e6 + ageS * MAX_DRIFT };
  }

  async #ask() {
    this.#asked += 1;
    this.#timer = setTimeout(() => this.#ask(), this.#asked < NEEDED + 4 ? BURST_MS : PERIOD_MS);
    if (this.connection.state !== 'connected') {
      return;
    }
    const sentNs = nowNs();
    let answer;
    try {
      answer = await this.connection.request('clock', { t: Number(sentNs / 1000n) });
    } catch (refusal) {
      if (refusal.status !== 0) {
        this.stop();
      }
      return;
    }
    if (typeof answer.relayUs !== 'number') {
      this.stop();
      return;
    }
    const relayNs = BigInt(answer.relayUs) * 1000n;
    this.#estimator.add(sentNs, relayNs, relayNs, nowNs());
    const heardMs = performance.now();
    this.#sections = new Map(answer.sections.map((one) => [`${one.resource} ${one.mid}`, { ...one, heardMs }]));
  }
}

/** The connection and the section behind a mid as a session names it. @returns {{peer: any, mid: string}} */
export function sectionOf(session, name) {
  const cut = name.lastIndexOf('/');
  const part = name.slice(0, Math.max(0, cut));
  const peer = part === '' ? session.receiver : part === 'return' ? session.returning
    : [...session.further][Number(part.split(':')[1]) - 1] ?? null;
  return { peer, mid: name.slice(cut + 1) };
}

/** From one RTP timestamp to another, over the end of its 32 bits. */
function difference(to, from) {
  const steps = (to - from) % (2 * HALF_TURN);
  return steps >= HALF_TURN ? steps - 2 * HALF_TURN : steps < -HALF_TURN ? steps + 2 * HALF_TURN : steps;
}
