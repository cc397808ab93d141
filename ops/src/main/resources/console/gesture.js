// Guided gesture, the practitioner's end: a pointer and a pen over the pictures. What is drawn carries the frame it was
// drawn on, by its time of capture.

import { Drawing, MAX_POINTS, nearestOnFrame, onFrame, rounded } from './drawing.js';
import { onLanguage, t } from './i18n.js';
import { FrameWatch, isLatency, LatencyMeter, writeLatency } from './latency.js';
import { sectionOf } from './mediatime.js';
import { Overlay, Overlays } from './overlay.js';
import { byId, make, setText } from './shell.js';
import { lastSegment } from './whip.js';

const TICK_MS = 250;
/** A pointer that is held still is told again, and so is the latency. */
const STILL_MS = 250;
const TELL_MS = 1000;
/** Points that are told twice, in case the event before is lost. */
const OVERLAP = 12;
const STEP = 0.02;

/** Tools, overlays on the tiles, and the latency meter of one page. */
export class Gesture {
  /** @type {''|'pointer'|'pen'} */
  tool = '';
  drawing = new Drawing();
  overlays = new Overlays(this.drawing);
  counts = { sent: 0, unsent: {}, untaken: {} };
  /** The operator's measurement of what is drawn here. */
  gestureMeter = new LatencyMeter();
  /** Own events, the newest last, for tests. */
  events = [];
  #tiles = new Map();
  #target = null;
  #pointer = null;
  #stroke = null;
  #strokes = 0;
  #n = 0;
  #source = crypto.getRandomValues(new Uint32Array(1))[0];
  #modeBefore = null;
  #timer;
  #toldMs = 0;

  /**
   * @param {{session: import('./chevet.js').Session, tiles: import('./tiles.js').Tiles,
   *   times: import('./mediatime.js').MediaTimes, changed: (tool: string) => void}} parts `changed` when another tool
   *   is in hand
   */
  constructor({ session, tiles, times, changed }) {
    Object.assign(this, { session, tiles, times, changed });
    session.on('track', ({ mid }) => this.#add(mid));
    session.on('untrack', ({ mid }) => this.#remove(mid));
    session.on('annotation', ({ participant, event }) => this.#heard(participant, event));
    session.connection.on('left', ({ participant }) => this.drawing.forget(participant));
    byId('gesture-pointer').addEventListener('click', () => this.choose('pointer'));
    byId('gesture-pen').addEventListener('click', () => this.choose('pen'));
    byId('gesture-clear').addEventListener('click', () => this.clear());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    onLanguage(() => this.#show());
    this.#show();
  }

  /** Takes a tool in hand, or puts it down when it was in hand. @param {''|'pointer'|'pen'} tool */
  async choose(tool) {
    const before = this.tool;
    this.tool = tool === before ? '' : tool;
    this.#lift();
    this.#end();
    this.#tiles.forEach(({ canvas }) => this.#arm(canvas));
    this.#show();
    this.changed(this.tool);
    if ((before === '') !== (this.tool === '')) {
      await this.#mode();
    }
  }

  /** Wipes what was drawn from here, at all ends. */
  clear() {
    this.#send(this.#event('clear', null, performance.now(), {}));
  }

  /** Latency of the picture that is pointed at, and of the gesture; null where it is not known. */
  get latency() {
    const nowMs = performance.now();
    return { picture: this.#chosen()?.watch.meter.read(nowMs) ?? null, gesture: this.gestureMeter.read(nowMs) };
  }

  /** Puts the tool down for good. */
  async stop() {
    clearInterval(this.#timer);
    this.#tiles.forEach(({ watch }) => watch.stop());
    if (this.tool !== '') {
      await this.choose('');
    }
  }

  /** Without a tool nobody can press the canvas, nor come upon it. */
  #arm(canvas) {
    const isArmed = this.tool !== '';
    canvas.classList.toggle('drawable', isArmed);
    canvas.tabIndex = isArmed ? 0 : -1;
    canvas.setAttribute('role', isArmed ? 'application' : 'presentation');
  }

  /** What gets bandwidth first changes with the tool, and back; guests draw without it. */
  async #mode() {
    const { session } = this;
    const now = session.connection.examMode;
    try {
      if (this.tool !== '' && now !== 'gesture') {
        this.#modeBefore = now;
        await session.examMode('gesture');
      } else if (this.tool === '' && this.#modeBefore !== null) {
        const back = this.#modeBefore;
        this.#modeBefore = null;
        if (now === 'gesture') {
          await session.examMode(back);
        }
      }
    } catch (refusal) {
      console.warn(`exam mode: ${refusal.message}`);
    }
  }

  #add(name) {
    const tile = this.tiles.shown.get(name);
    if (!tile) {
      return;
    }
    const canvas = make('canvas', 'drawing');
    this.#arm(canvas);
    tile.figure.append(canvas);
    const overlay = new Overlay(tile.video, canvas, () => tile.binding.publication);
    const watch = new FrameWatch(tile.video, this.times, () => {
      const { peer, mid } = sectionOf(this.session, name);
      return peer ? { resource: lastSegment(peer.resource), mid } : null;
    });
    const one = { ...tile, canvas, overlay, watch };
    this.#tiles.set(name, one);
    this.overlays.all.add(overlay);
    canvas.addEventListener('pointerdown', (event) => this.#down(one, event));
    canvas.addEventListener('pointermove', (event) => this.#move(one, event));
    canvas.addEventListener('pointerup', (event) => this.#end(event));
    canvas.addEventListener('pointercancel', (event) => this.#end(event));
    canvas.addEventListener('pointerleave', () => this.#lift());
    canvas.addEventListener('keydown', (event) => this.#key(one, event));
    canvas.addEventListener('blur', () => this.#lift());
    this.#show();
  }

  #remove(name) {
    const one = this.#tiles.get(name);
    if (one) {
      one.watch.stop();
      this.overlays.all.delete(one.overlay);
      this.#tiles.delete(name);
      if (this.#target === one) {
        this.#target = null;
      }
      if (this.#stroke?.tile === one) {
        this.#stroke = null;
      }
      if (this.#pointer?.tile === one) {
        this.#pointer = null;
      }
      this.#show();
    }
  }

  /** The tile that is drawn on, else the large one. */
  #chosen() {
    const all = [...this.#tiles.values()];
    return this.#target ?? all.find(({ figure }) => figure.classList.contains('large')) ?? all[0] ?? null;
  }

  #down(tile, event) {
    if (event.button !== 0 || this.tool === '') {
      return;
    }
    event.preventDefault();
    tile.canvas.focus({ preventScroll: true });
    this.#target = tile;
    if (this.tool === 'pointer') {
      this.#point(tile, event);
      return;
    }
    const place = this.#placeOf(tile, event, onFrame);
    if (place) {
      tile.canvas.setPointerCapture(event.pointerId);
      this.#begin(tile, event.pointerId, [place.x, place.y]);
      this.#tellStroke(event.timeStamp);
    }
  }

  #move(tile, event) {
    if (this.tool === 'pointer') {
      this.#point(tile, event);
      return;
    }
    const stroke = this.#stroke;
    if (!stroke || stroke.pointerId !== event.pointerId || stroke.tile !== tile) {
      return;
    }
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length > 0 ? all : [event]) {
      const place = this.#placeOf(tile, one, nearestOnFrame);
      const { points } = this.#stroke;
      if (place && (place.x !== points.at(-2) || place.y !== points.at(-1))) {
        points.push(place.x, place.y);
        if (points.length === 2 * MAX_POINTS) {
          // A stroke has its bound: the next one goes on where it ends.
          this.#end();
          this.#begin(tile, event.pointerId, [place.x, place.y]);
        }
      }
    }
    this.#tellStroke(event.timeStamp);
  }

  #begin(tile, pointerId, points) {
    this.#stroke = { tile, pointerId, points, number: this.#strokes++, toldBelow: 0 };
  }

  /** Ends the stroke, and tells the whole of it once more: what was lost on the way is there then. */
  #end(event = null) {
    const stroke = this.#stroke;
    if (stroke && (event === null || event.pointerId === stroke.pointerId)) {
      stroke.toldBelow = 0;
      this.#tellStroke(event?.timeStamp ?? performance.now());
      this.#stroke = null;
    }
  }

  #tellStroke(atMs) {
    const stroke = this.#stroke;
    const first = Math.max(0, stroke.toldBelow - OVERLAP);
    const below = stroke.points.length / 2;
    const event = this.#event('stroke', stroke.tile, atMs, { stroke: stroke.number, first,
      points: stroke.points.slice(2 * first) });
    this.#send(event, `stroke ${stroke.number}`).then((wasSent) => {
      if (wasSent) {
        stroke.toldBelow = Math.max(stroke.toldBelow, below);
      }
    });
  }

  #point(tile, event) {
    const place = this.#placeOf(tile, event, onFrame);
    if (place) {
      this.#pointAt(tile, place, event.timeStamp);
    } else {
      this.#lift();
    }
  }

  #pointAt(tile, place, atMs) {
    this.#target = tile;
    this.#pointer = { tile, ...place, toldMs: performance.now() };
    this.#send(this.#event('pointer', tile, atMs, place));
  }

  /** The pointer is nowhere any more. */
  #lift() {
    if (this.#pointer) {
      const { tile } = this.#pointer;
      this.#pointer = null;
      this.#send(this.#event('pointer', tile, performance.now(), { off: true }));
    }
  }

  /** Arrow keys move the pointer, for who has no mouse. */
  #key(tile, event) {
    const step = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (step && this.tool === 'pointer') {
      event.preventDefault();
      const from = this.#pointer?.tile === tile ? this.#pointer : { x: 0.5, y: 0.5 };
      const within = (value) => rounded(Math.min(1, Math.max(0, value)));
      this.#pointAt(tile, { x: within(from.x + step[0]), y: within(from.y + step[1]) }, event.timeStamp);
    }
  }

  #placeOf(tile, event, by) {
    const picture = tile.overlay.picture();
    const box = tile.canvas.getBoundingClientRect();
    const place = picture ? by(event.clientX - box.left, event.clientY - box.top, picture) : null;
    return place ? { x: rounded(place.x), y: rounded(place.y) } : null;
  }

  /** An event with the frame on the screen and the time, each with its uncertainty, or null where it is not known. */
  #event(type, tile, atMs, more) {
    const frame = tile?.watch.frame() ?? null;
    const sent = this.times.relayAt(atMs);
    return { v: 1, type, n: this.#n++, source: this.#source, ...(tile ? { publication: tile.binding.publication } : {}),
      frameUs: frame?.frameUs ?? null, frameErrorUs: frame?.errorUs ?? null,
      sentUs: sent?.us ?? null, sentErrorUs: sent?.errorUs ?? null, ...more };
  }

  /** Shows it here, and sends it. Resolves with false when it was not sent. */
  async #send(event, replaces) {
    if (event.type !== 'latency') {
      this.drawing.apply(this.session.participant, event, performance.now());
      this.overlays.wake();
      this.events.push(event);
      this.events.splice(0, this.events.length - 200);
    }
    try {
      const wasSent = await this.session.annotate(event, replaces === undefined ? {} : { replaces });
      this.counts.sent += wasSent ? 1 : 0;
      return wasSent;
    } catch (refusal) {
      this.counts.unsent[refusal.title] = (this.counts.unsent[refusal.title] ?? 0) + 1;
      return false;
    }
  }

  #heard(participant, event) {
    if (event.type === 'latency') {
      const { gestureMs, errorMs } = event;
      if (participant === this.#chosen()?.binding.participant && isLatency(gestureMs) && isLatency(errorMs)) {
        this.gestureMeter.add(gestureMs, errorMs, performance.now());
      }
      return;
    }
    const fault = this.drawing.apply(participant, event, performance.now());
    if (fault === '') {
      this.overlays.wake();
    } else {
      this.counts.untaken[fault] = (this.counts.untaken[fault] ?? 0) + 1;
    }
  }

  #tick() {
    const nowMs = performance.now();
    const pointer = this.#pointer;
    if (pointer && nowMs - pointer.toldMs > STILL_MS) {
      this.#pointAt(pointer.tile, { x: pointer.x, y: pointer.y }, nowMs);
    }
    const { picture } = this.latency;
    if (this.tool !== '' && picture && nowMs - this.#toldMs > TELL_MS && this.session.channels?.isOpen('annotation')) {
      this.#toldMs = nowMs;
      this.#send({ v: 1, type: 'latency', publication: this.#chosen().binding.publication,
        pictureMs: picture.ms, errorMs: picture.errorMs });
    }
    this.#show();
  }

  #show() {
    byId('gesture').hidden = this.#tiles.size === 0;
    for (const tool of ['pointer', 'pen']) {
      byId(`gesture-${tool}`).setAttribute('aria-pressed', String(this.tool === tool));
    }
    const hint = { '': '', pen: 'gesturePenHint', pointer: 'gesturePointerHint' }[this.tool];
    setText(byId('gesture-hint'), hint === '' ? '' : t(hint));
    this.#tiles.forEach(({ canvas }) => canvas.setAttribute('aria-label', t('gestureCanvas')));
    const { picture, gesture } = this.latency;
    writeLatency(byId('picture-latency'), 'pictureLatency', picture);
    writeLatency(byId('gesture-latency'), 'gestureLatency', gesture);
  }
}
