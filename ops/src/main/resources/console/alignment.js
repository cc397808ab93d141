// Picture, curves and heart sound on one time line: each waits for the slowest, and what may be left between them is
// told with its bound. How far each is behind is measured in relay time; the page's own clock falls out of differences.

import { MAX_DRIFT } from './clock.js';

/** Paths slower than this are not waited for. */
export const MOST_DELAY_S = 0.8;
const MARGIN_S = 0.02;
const SLACK_S = 0.005;
/** The browser takes its time to follow. */
const GAIN = 0.1;
/** A picture stands for the time until the next one, and a line is drawn once per picture of the screen. */
const SCREEN_S = 1 / 60;
const RECENT = 15;
const FRESH_S = 2;
/** Smaller changes of a picture's delay are not asked for. */
const STEP_S = 0.01;
/** Readings of a context's time come out of the audio hardware's buffers. */
const SOUND_S = 0.01;

/**
 * @typedef {object} Path one way from the patient to the practitioner's senses
 * @property {string} name
 * @property {'picture'|'curve'|'sound'} kind
 * @property {number|null} lagS from capture to show, null while the mapping is unknown
 * @property {number} uncertaintyS bound of what lagS is wrong by
 * @property {number} quantumS what it is shown in steps of
 */

/**
 * What the paths make together. Pure, for simulations of it.
 * @param {Path[]} paths
 * @returns {{known: boolean, unknown: string[], targetS: number, offS: number, errorS: number}} `errorS` bounds how far
 *   any two are from standing where they belong; `offS` is the part of it that was measured
 */
export function combine(paths) {
  const unknown = paths.filter((one) => one.lagS === null).map((one) => one.name);
  const known = paths.filter((one) => one.lagS !== null);
  // Curves know by themselves what they need. A little less than the slowest, so that what waits in vain finds back.
  const targetS = known.filter((one) => one.kind !== 'curve' && one.lagS <= MOST_DELAY_S)
    .reduce((most, one) => Math.max(most, one.lagS - SLACK_S), 0);
  let offS = 0;
  let errorS = 0;
  for (let i = 0; i < known.length; i++) {
    for (let j = i + 1; j < known.length; j++) {
      const off = Math.abs(known[i].lagS - known[j].lagS);
      offS = Math.max(offS, off);
      errorS = Math.max(errorS, off + known[i].uncertaintyS + known[j].uncertaintyS + known[i].quantumS
        + known[j].quantumS);
    }
  }
  return { known: unknown.length === 0 && known.length > 1, unknown, targetS, offS, errorS };
}

/** Measures and aligns the paths of one page. */
export class Alignment {
  /** @type {Path[]} */
  paths = [];
  result = combine([]);
  /** While somebody guides a gesture, pictures wait for nothing. */
  hurried = false;
  /** The last frames on the screen, for tests: {mid, rtpTimestamp, captureS, shownS}. @type {object[]} */
  frames = [];
  #watched = new Map();

  /**
   * @param {{session: any, times: import('./mediatime.js').MediaTimes, timeline: import('./timeline.js').Timeline,
   *   tiles: any, heart: import('./heart.js').HeartSound, waves: () => import('./waves.js').Wave[]}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Measures and moves what has to move; called a few times a second. */
  tick() {
    const paths = [...this.#pictures(), ...this.#curves(), ...this.#sound()];
    this.paths = paths;
    this.result = combine(paths);
    // Curves follow at once. The others move when there is something to stand beside.
    this.timeline.floorS = paths.length > 1 ? Math.min(MOST_DELAY_S, this.result.targetS) : 0;
    const goalS = Math.min(MOST_DELAY_S, this.timeline.delayS);
    for (const [mid, one] of this.#watched) {
      const path = paths.find((each) => each.mid === mid);
      if (this.hurried) {
        this.#hurry(one);
      } else if (path && path.lagS !== null && one.receiver && paths.some((each) => each.kind !== 'picture')) {
        const offS = goalS - path.lagS;
        if (Math.abs(offS) > STEP_S && 'jitterBufferTarget' in one.receiver) {
          one.extraS = Math.min(MOST_DELAY_S, Math.max(0, (one.extraS ?? path.lagS) + offS * GAIN));
          one.receiver.jitterBufferTarget = Math.round(1000 * one.extraS);
        }
      }
    }
    const sound = paths.find((each) => each.kind === 'sound');
    if (sound && sound.lagS !== null && goalS - sound.lagS > 2 * MARGIN_S) {
      this.heart.wait(goalS - sound.lagS);
    }
  }

  #hurry(one) {
    if (one.receiver && one.extraS !== 0 && 'jitterBufferTarget' in one.receiver) {
      one.extraS = 0;
      one.receiver.jitterBufferTarget = 0;
    }
  }

  #pictures() {
    for (const mid of this.#watched.keys()) {
      if (!this.tiles.shown.has(mid)) {
        this.#watched.delete(mid);
      }
    }
    for (const [mid, { video }] of this.tiles.shown) {
      if (!this.#watched.has(mid) && 'requestVideoFrameCallback' in video) {
        const one = { video, lags: [], receiver: null };
        this.#watched.set(mid, one);
        this.#watch(mid, one);
      }
    }
    const nowS = performance.now() / 1000;
    return [...this.#watched].filter(([, one]) => one.lags.length > 0 || one.unknownS > nowS - FRESH_S)
      .map(([mid, one]) => {
        one.lags = one.lags.filter((lag) => lag.atS > nowS - FRESH_S);
        const lags = one.lags.map((lag) => lag.lagS).sort((a, b) => a - b);
        const last = one.lags[one.lags.length - 1];
        const lagS = lags.length > 0 ? lags[lags.length >> 1] : null;
        // What is off the middle counts as not known.
        const spreadS = lags.reduce((most, lag) => Math.max(most, Math.abs(lag - lagS)), 0);
        return { name: this.tiles.shown.get(mid).binding.label || mid, kind: 'picture', mid, lagS,
          uncertaintyS: (last?.uncertaintyS ?? 0) + spreadS, quantumS: one.intervalS ?? 0 };
      });
  }

  #watch(mid, one) {
    one.video.requestVideoFrameCallback((_now, metadata) => {
      if (this.#watched.get(mid) !== one) {
        return;
      }
      const { resource, receiver, bare } = this.#receiverOf(mid);
      one.receiver = receiver;
      const time = metadata.rtpTimestamp === undefined ? null
        : this.times.timeOf(resource, bare, metadata.rtpTimestamp);
      const atS = performance.now() / 1000;
      if (time) {
        // From now to the screen, by the page's clock.
        const shownS = this.timeline.nowS() + (metadata.expectedDisplayTime - performance.now()) / 1000;
        one.lags.push({ atS, lagS: shownS - time.relayS, uncertaintyS: time.uncertaintyS });
        one.lags.splice(0, one.lags.length - RECENT);
        if (one.lastS !== undefined && time.relayS > one.lastS) {
          one.intervalS = Math.min(0.1, time.relayS - one.lastS);
        }
        one.lastS = time.relayS;
        this.frames.push({ mid, rtpTimestamp: metadata.rtpTimestamp, captureS: time.relayS, shownS });
        this.frames.splice(0, this.frames.length - 200);
      } else {
        one.unknownS = atS;
      }
      this.#watch(mid, one);
    });
  }

  #receiverOf(mid) {
    const cut = mid.lastIndexOf('/');
    const receivers = [this.session.receiver, ...this.session.further];
    const which = cut < 0 ? 0 : Number(mid.slice(0, cut).split(':')[1]);
    const peer = receivers[which];
    const bare = mid.slice(cut + 1);
    const path = peer ? new URL(peer.resource || '/', location.href).pathname : '';
    return { bare, resource: path.slice(path.lastIndexOf('/') + 1),
      receiver: peer?.connection?.getTransceivers().find((each) => each.mid === bare)?.receiver ?? null };
  }

  #curves() {
    return this.waves().filter((wave) => !wave.gone && wave.track.head >= 0).map((wave) => {
      const uncertaintyS = this.#deviceBoundS(wave);
      return { name: wave.stream.info.label || wave.stream.info.name, kind: 'curve', quantumS: SCREEN_S,
        lagS: uncertaintyS === null ? null : this.timeline.delayS, uncertaintyS: uncertaintyS ?? 0 };
    });
  }

  #sound() {
    const { heart } = this;
    const wave = heart.playing ? this.waves().find((one) => one.stream === heart.stream) : undefined;
    if (!wave) {
      return [];
    }
    const uncertaintyS = this.#deviceBoundS(wave);
    const place = heart.place;
    return [{ name: 'sound', kind: 'sound', quantumS: SOUND_S, uncertaintyS: uncertaintyS ?? 0,
      lagS: uncertaintyS === null || place === null ? null
        : place.relayS - wave.phase.timeOf(place.sample) }];
  }

  /** What a sample's time may be wrong by; null when its device's clock is unknown. */
  #deviceBoundS(wave) {
    const clock = this.session.vitals.publisherClocks.get(wave.stream.info.participant);
    if (!clock || !wave.phase.fromDevice) {
      return null;
    }
    const ageS = Math.max(0, this.timeline.nowS() - Number(clock.relayTimeNs) / 1e9);
    return Number(clock.uncertaintyNs) / 1e9 + ageS * MAX_DRIFT + wave.phase.offS;
  }
}
