// Alerts of devices: what holds now, who has accepted it, and whether the link to the device is there at all.

import { Emitter } from './emitter.js';
import { onLanguage, t } from './i18n.js';
import { AlertAckState, AlertPhase, Kind, SampleFormat, StreamStatus } from './sbe.js';
import { make, setText } from './shell.js';

const MAX_SHOWN = 64;
const TICK_MS = 500;
const PRIORITIES = { 1: 'high', 2: 'medium', 3: 'low' };

/**
 * The alerts of all streams, kept by their time to live. Events: `change`.
 * Nothing here decides that something is an alert: devices do.
 */
export class AlertBoard extends Emitter {
  /** By key of the stream and alert id, oldest first. @type {Map<string, any>} */
  alerts = new Map();
  /** Alert streams that were announced. @type {Set<import('./remotestream.js').RemoteStream>} */
  streams = new Set();

  /** Follows a stream of kind ALERT. */
  add(stream) {
    if (stream.info.kind !== Kind.ALERT || this.streams.has(stream)) {
      return;
    }
    this.streams.add(stream);
    stream.on('alert', (alert) => this.#phase(stream, alert));
    stream.on('alertack', (ack) => this.#acknowledged(stream, ack));
    stream.on('escalated', (one) => this.#update(stream, one.alertId, { escalated: true }));
    stream.on('status', () => this.emit('change'));
    stream.on('closed', () => {
      this.streams.delete(stream);
      this.emit('change');
    });
    stream.subscribe({ fromSequence: 0 });
  }

  /** Streams whose device is not heard now: "no alert" means nothing there. */
  get lost() {
    return [...this.streams].filter((stream) => stream.status !== StreamStatus.LIVE);
  }

  /** Says that a person accepted the alert. */
  accept(entry) {
    entry.stream.acknowledge(entry.alertId, AlertAckState.ACCEPTED);
    entry.accepted = true;
    this.emit('change');
  }

  /** Forgets what has expired. */
  expire(nowMs = performance.now()) {
    for (const [key, entry] of this.alerts) {
      if (nowMs >= entry.expiresMs) {
        this.alerts.delete(key);
        this.emit('change');
      }
    }
  }

  #phase(stream, alert) {
    const key = `${stream.key}\n${alert.alertId}`;
    const known = alert.phase === AlertPhase.START ? undefined : this.alerts.get(key);
    const entry = Object.assign(known ?? { stream, alertId: alert.alertId, accepted: false, acceptedBy: '' }, {
      priority: alert.priority, phase: alert.phase, text: textOf(stream, alert),
      expiresMs: performance.now() + alert.ttlMs - alert.ageMs,
    });
    this.alerts.set(key, entry);
    if (this.alerts.size > MAX_SHOWN) {
      this.alerts.delete(this.alerts.keys().next().value);
    }
    stream.acknowledge(alert.alertId, AlertAckState.SEEN);
    this.emit('change');
  }

  #acknowledged(stream, ack) {
    if (ack.state === AlertAckState.ACCEPTED) {
      this.#update(stream, ack.alertId, { accepted: true, acceptedBy: ack.participant });
    }
  }

  #update(stream, alertId, change) {
    const entry = this.alerts.get(`${stream.key}\n${alertId}`);
    if (entry) {
      Object.assign(entry, change);
      this.emit('change');
    }
  }
}

/** Shows the board as banners with a button each; the most urgent first. */
export class AlertBanners {
  constructor(host, board = new AlertBoard()) {
    this.host = host;
    this.board = board;
    board.on('change', () => this.show());
    onLanguage(() => this.show());
    setInterval(() => board.expire(), TICK_MS);
    this.show();
  }

  show() {
    const shown = [...this.board.alerts.values()]
      .filter((entry) => !entry.accepted && entry.phase !== AlertPhase.END)
      .sort((a, b) => a.priority - b.priority);
    this.host.replaceChildren(...this.board.lost.map((stream) => lostBanner(stream)),
      ...shown.map((entry) => this.#banner(entry)));
    this.host.hidden = this.host.children.length === 0;
  }

  #banner(entry) {
    const priority = PRIORITIES[entry.priority];
    const banner = make('div', `alert alert-${priority}`);
    const text = make('span', '', `${t(`alertPriority_${priority}`)} · ${entry.text}`);
    const button = make('button', 'primary');
    button.type = 'button';
    setText(button, t('alertAccept'));
    button.addEventListener('click', () => this.board.accept(entry));
    banner.append(text);
    if (entry.escalated) {
      banner.append(make('strong', '', t('alertEscalated')));
    }
    banner.append(button);
    return banner;
  }
}

function lostBanner(stream) {
  const name = stream.info.label || stream.info.name;
  return make('div', 'alert alert-link', t('alertLinkLost', { name }));
}

/** What the device says, where it is clear text; its name otherwise. */
function textOf(stream, alert) {
  const { info } = stream;
  const name = [info.label || info.name, info.device].filter(Boolean).join(', ');
  if (info.sampleFormat !== SampleFormat.UTF8 || info.keyId !== 0) {
    return name;
  }
  return `${name} · ${new TextDecoder().decode(alert.payload)}`;
}
