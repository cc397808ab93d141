// Guided gesture, the operator's end: what is drawn on one's picture, over the picture itself or over what comes back
// from the relay, and how late it is.

import { Drawing } from './drawing.js';
import { onLanguage, t } from './i18n.js';
import { FrameWatch, isLatency, LatencyMeter, writeLatency } from './latency.js';
import { Overlay, Overlays } from './overlay.js';
import { Pinned, RecentFrames } from './recentframes.js';
import { byId, setText } from './shell.js';
import { lastSegment } from './whip.js';

const TICK_MS = 250;
const TELL_MS = 1000;
const LABEL = 'camera';

/** The drawing over the operator's preview. */
export class Guided {
  drawing = new Drawing();
  gestureMeter = new LatencyMeter();
  pictureMeter = new LatencyMeter();
  counts = { taken: 0, untaken: {} };
  /** What came, the newest last, for tests: {participant, event, drawnUs}. */
  events = [];
  #undrawn = [];
  #overlays = new Overlays(this.drawing, (nowMs) => this.#painted(nowMs));
  #receiver = null;
  #watch = null;
  #timer;
  #toldMs = 0;

  /** @param {{session: import('./chevet.js').Session, times: import('./mediatime.js').MediaTimes}} parts */
  constructor({ session, times }) {
    Object.assign(this, { session, times });
    const canvas = byId('preview-drawing');
    this.own = new Overlay(byId('preview'), canvas, () => this.publication);
    this.returned = new Overlay(byId('return-video'), canvas, () => this.publication);
    this.frames = new RecentFrames(byId('preview'), times);
    this.pinned = new Pinned(byId('pinned'), byId('pinned-frame'), this.frames);
    this.#overlays.all.add(this.own).add(this.pinned);
    session.on('annotation', ({ participant, event }) => this.#heard(participant, event));
    session.on('returnTrack', ({ mid, track }) => this.#returned(mid, track));
    session.on('returnUntrack', () => this.#unwatch());
    session.on('examMode', () => this.#show());
    session.connection.on('left', ({ participant }) => this.drawing.forget(participant));
    byId('return-view').addEventListener('click', () => this.toggleReturn());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    onLanguage(() => this.#show());
    this.#show();
  }

  /** Number of the own camera's picture, null while it is not sent. */
  get publication() {
    const own = this.session.roster.get(this.session.participant)?.publications ?? [];
    return own.find(({ kind, label }) => kind === 'video' && label === LABEL)?.id ?? null;
  }

  /** Latency of the gesture, of the picture at the practitioner's, and of the picture that comes back. */
  get latency() {
    const nowMs = performance.now();
    return { gesture: this.gestureMeter.read(nowMs), picture: this.pictureMeter.read(nowMs),
      back: this.#watch?.meter.read(nowMs) ?? null };
  }

  /** Shows one's picture as it comes out of the relay, or as the camera sees it. */
  async toggleReturn() {
    if (this.#receiver) {
      const receiver = this.#receiver;
      this.#receiver = null;
      this.#unwatch();
      this.#show();
      await receiver.close();
    } else {
      this.#receiver = this.session.returnView();
      this.#show();
    }
  }

  stop() {
    clearInterval(this.#timer);
    this.frames.on = false;
    this.#unwatch();
  }

  #returned(name, track) {
    const mid = name.slice(name.lastIndexOf('/') + 1);
    const video = byId('return-video');
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => {});
    this.#watch?.stop();
    this.#watch = new FrameWatch(video, this.times, () => {
      const { returning } = this.session;
      return returning ? { resource: lastSegment(returning.resource), mid } : null;
    });
    this.#show();
  }

  #unwatch() {
    this.#watch?.stop();
    this.#watch = null;
    byId('return-video').srcObject = null;
    this.#show();
  }

  #heard(participant, event) {
    const nowMs = performance.now();
    if (event.type === 'latency') {
      if (event.publication === this.publication && isLatency(event.pictureMs) && isLatency(event.errorMs)) {
        this.pictureMeter.add(event.pictureMs, event.errorMs, nowMs);
      }
      return;
    }
    const fault = this.drawing.apply(participant, event, nowMs);
    if (fault !== '') {
      this.counts.untaken[fault] = (this.counts.untaken[fault] ?? 0) + 1;
      return;
    }
    this.counts.taken += 1;
    if (event.type === 'stroke' && event.publication === this.publication) {
      this.pinned.take(participant, event);
    }
    this.#undrawn.push({ participant, event, drawnUs: null });
    this.#undrawn.splice(0, this.#undrawn.length - 200);
    this.#overlays.wake();
  }

  /** What came since the picture before is drawn now. */
  #painted(nowMs) {
    const now = this.times.relayAt(performance.now());
    for (const one of this.#undrawn.splice(0)) {
      const { sentUs, sentErrorUs } = one.event;
      if (now && typeof sentUs === 'number' && typeof sentErrorUs === 'number') {
        one.drawnUs = now.us;
        this.gestureMeter.add((now.us - sentUs) / 1000, (now.errorUs + sentErrorUs) / 1000, nowMs);
      }
      this.events.push(one);
    }
    this.events.splice(0, this.events.length - 200);
  }

  #tick() {
    const nowMs = performance.now();
    const { gesture } = this.latency;
    if (gesture && nowMs - this.#toldMs > TELL_MS && this.session.channels?.isOpen('annotation')) {
      this.#toldMs = nowMs;
      this.session.annotate({ v: 1, type: 'latency', gestureMs: gesture.ms, errorMs: gesture.errorMs })
        .catch(() => {});
    }
    this.#show();
  }

  #show() {
    const isGuided = this.session.connection.examMode === 'gesture' || !this.drawing.isEmpty(performance.now());
    const isBack = this.#watch !== null;
    this.frames.on = isGuided;
    // A mirror would show the practitioner's left on the operator's right.
    byId('preview').classList.toggle('own-picture', !isGuided);
    byId('guided').hidden = !isGuided && !this.#receiver;
    byId('return-video').hidden = !isBack;
    const [shown, hidden] = isBack ? [this.returned, this.own] : [this.own, this.returned];
    this.#overlays.all.delete(hidden);
    this.#overlays.all.add(shown);
    const button = byId('return-view');
    button.disabled = !this.#receiver && this.publication === null;
    button.setAttribute('aria-pressed', String(this.#receiver !== null));
    const { gesture, picture, back } = this.latency;
    writeLatency(byId('gesture-latency'), 'gestureLatency', gesture);
    writeLatency(byId('picture-latency'), 'pictureLatency', picture);
    byId('return-latency').hidden = !isBack;
    writeLatency(byId('return-latency'), 'returnLatency', back);
    setText(byId('guided-text'), t(isBack ? 'guidedReturn' : 'guidedOwn'));
  }
}
