// The practitioner's page: the patient, the ECG on paper, the heart to see and hear, the measurements.

import { AlertBanners } from './alerts.js';
import { Alignment } from './alignment.js';
import { join, Kind, readToken } from './chevet.js';
import { clinicalUnit } from './clinical.js';
import { DocumentsIn } from './documents.js';
import { Gesture } from './gesture.js';
import { HeartSound } from './heart.js';
import { currentLanguage, number, onLanguage, t } from './i18n.js';
import { joinCodeOfPage } from './joincode.js';
import { MediaTimes } from './mediatime.js';
import { Numerics } from './numerics.js';
import { OwnCamera } from './owncamera.js';
import { removalOf } from './removal.js';
import {
  byId, entranceOf, make, secretOfPage, setText, showConnection, showEndToEnd, showEntrance, showPeople, startShell,
  toggleLanguage, toggleTheme, tokenOfPage, typing,
} from './shell.js';
import { exposeStats } from './stats.js';
import { Stills } from './stills.js';
import { Strip } from './strip.js';
import { Tiles } from './tiles.js';
import { Timeline } from './timeline.js';
import { ecgLayout, ecgLeads, panelOf, plainLeads, Wave, writeBadges } from './waves.js';

const SPEEDS = [12.5, 25, 50];
const GAINS = [5, 10, 20];
const STORED = 'chevet.paper';
const CARD_MM = 85.6;
const SECTIONS = { audio: 4, video: 6 };
const TICK_MS = 250;

const paper = { speed: 25, gain: 10, calibration: 1, ...readStored() };

startShell();
start();

async function start() {
  const token = tokenOfPage();
  let session;
  try {
    const joinCode = await joinCodeOfPage();
    byId('connection').dataset.state = 'connecting';
    setText(byId('connection-text'), t('connecting'));
    session = await join({ token, secret: secretOfPage(), joinCode });
  } catch (refusal) {
    byId('connection').dataset.state = 'failed';
    setText(byId('connection-text'), t('failed'));
    showEntrance(entranceOf(refusal, token), refusal.message);
    exposeStats({ state: 'failed', reason: refusal.message });
    return;
  }
  document.title = `Chevet · ${readToken(token).consultation}`;
  byId('consultation').hidden = false;
  new Consultation(session).start();
}

/** Everything of the page that lives as long as the session. */
class Consultation {
  panels = { ecg: [], heart: [], other: [] };
  /** A paper for each ECG: leads of two devices never stand side by side as if they were one. */
  ecgStrips = new Map();

  constructor(session) {
    this.session = session;
    this.nowS = () => Number(session.vitals.relayNowNs()) / 1e9;
    this.timeline = new Timeline(this.nowS);
    this.strips = {
      heart: new Strip(byId('heart'), { texts: () => ({ speed: this.speedText(), gain: '' }) }),
      other: new Strip(byId('other'), { texts: () => ({ speed: this.speedText(), gain: '' }) }),
    };
    this.strips.heart.gain = null;
    this.strips.heart.rowMm = 25;
    this.strips.other.gain = null;
    this.strips.other.rowMm = 20;
    this.heart = new HeartSound(this.nowS);
    this.alerts = new AlertBanners(byId('alerts'));
    this.numerics = new Numerics(byId('numbers'), byId('no-numbers'),
      (stream, block) => this.deviceS(stream, block) ?? Number(block.receivedNs) / 1e9, this.nowS);
  }

  start() {
    const { session } = this;
    this.tiles = new Tiles(session, byId('tiles'));
    this.own = new OwnCamera(session);
    this.times = new MediaTimes(session.connection);
    this.times.start();
    this.alignment = new Alignment({ session, times: this.times, timeline: this.timeline, tiles: this.tiles,
      heart: this.heart, waves: () => Object.values(this.panels).flat() });
    this.gesture = new Gesture({ session, tiles: this.tiles, times: this.times,
      changed: (tool) => this.gesturing(tool) });
    this.stills = new Stills({ session, tiles: this.tiles });
    this.documents = new DocumentsIn(session);
    showConnection(session);
    showEndToEnd(session);
    showPeople(session, { onRemove: removalOf(session) });
    session.on('evicted', () => this.end('evicted'));
    session.on('stream', (stream) => this.add(stream));
    session.on('ended', () => this.arrange());
    session.vitals.streams.forEach((stream) => this.add(stream));
    session.on('state', ({ state, reason }) => {
      if (state === 'failed' && session.connection.state === 'failed') {
        this.end('refused', reason);
      }
    });
    session.receive(SECTIONS);
    this.controls();
    onLanguage(() => this.arrange());
    this.arrange();
    setInterval(() => this.tick(), TICK_MS);
    requestAnimationFrame(() => this.frame());
    exposeStats({ session, panels: this.panels, tiles: this.tiles, heart: this.heart, numerics: this.numerics,
      alignment: this.alignment, gesture: this.gesture, stills: this.stills, documents: this.documents });
  }

  /** Device time of a block's first sample as relay time in seconds; null when the device did not say. */
  deviceS(stream, block) {
    if (block.deviceTimeNs === null) {
      return null;
    }
    const offset = this.session.vitals.publisherClocks.get(stream.info.participant)?.offsetNs ?? 0n;
    return Number(block.deviceTimeNs + offset) / 1e9;
  }

  add(stream) {
    if (stream.info.kind === Kind.NUMERIC) {
      this.numerics.add(stream);
      return;
    }
    if (stream.info.kind === Kind.ALERT) {
      this.alerts.board.add(stream);
      return;
    }
    const panel = panelOf(stream);
    if (panel === '') {
      return;
    }
    const wave = new Wave(stream, this.timeline, (one, block) => this.deviceS(one, block),
      (one) => (this.ecgStrips.get(one) ?? this.strips[panel])?.invalidate());
    // A stream of the same name that ended is the same device, connected again.
    const list = this.panels[panel].filter((one) => !(one.gone && one.stream.info.name === stream.info.name
      && one.stream.info.participant === stream.info.participant));
    list.push(wave);
    this.panels[panel] = list;
    this.arrange();
  }

  arrange() {
    const { ecg, heart, other } = this.panels;
    const leads = this.arrangeEcg(ecg);
    for (const [name, list] of [['heart', heart], ['other', other]]) {
      Object.assign(this.strips[name], { speed: paper.speed, calibration: paper.calibration });
      this.strips[name].setLeads(plainLeads(list, name === 'heart'), 1);
    }
    byId('no-ecg').hidden = ecg.length > 0;
    byId('ecg').hidden = ecg.length === 0;
    byId('no-heart').hidden = heart.length > 0;
    byId('heart').hidden = heart.length === 0;
    byId('other-panel').hidden = other.length === 0;
    byId('listen').disabled = heart.length === 0;
    byId('ecg').setAttribute('aria-label', [t('ecg'), ...leads.map((lead) => lead.name), this.speedText(),
      t('perMillivolt', { n: paper.gain })].join(', '));
    byId('heart').setAttribute('aria-label', t('heartSound'));
    byId('other').setAttribute('aria-label', [t('otherWaves'),
      ...other.map((wave) => `${wave.stream.info.label} ${clinicalUnit(wave.stream.info.channels[0]?.unit ?? '')}`)]
      .join(', '));
  }

  /** Puts each ECG on its own paper. Returns all leads. */
  arrangeEcg(waves) {
    for (const [wave, strip] of this.ecgStrips) {
      if (!waves.includes(wave)) {
        strip.dispose();
        strip.host.remove();
        this.ecgStrips.delete(wave);
      }
    }
    return waves.flatMap((wave) => {
      let strip = this.ecgStrips.get(wave);
      if (!strip) {
        const host = byId('ecg').appendChild(make('div', 'strip'));
        strip = new Strip(host, { pulse: true, texts: () => this.ecgTexts(wave) });
        this.ecgStrips.set(wave, strip);
      }
      Object.assign(strip, { speed: paper.speed, gain: paper.gain, calibration: paper.calibration });
      const leads = ecgLeads(wave);
      const layout = ecgLayout(leads.length, byId('ecg-panel').clientWidth / strip.pxPerMm);
      strip.rowMm = layout.rowMm;
      strip.setLeads(leads, layout.columns);
      return leads;
    });
  }

  frame() {
    const playhead = this.timeline.playheadS();
    this.ecgStrips.forEach((strip) => strip.frame(playhead));
    this.strips.heart.frame(playhead);
    this.strips.other.frame(playhead);
    requestAnimationFrame(() => this.frame());
  }

  tick() {
    for (const name of ['ecg', 'heart', 'other']) {
      writeBadges(byId(`${name}-badges`), this.panels[name]);
    }
    this.numerics.tick();
    this.alignment.hurried = this.session.connection.examMode === 'gesture';
    this.alignment.tick();
    this.showAlignment();
    this.showHeart();
  }

  showAlignment() {
    const { paths, result } = this.alignment;
    const badge = byId('alignment');
    badge.hidden = paths.length < 2;
    badge.dataset.tone = result.known && result.errorS <= 0.1 ? 'plain' : 'warn';
    setText(badge, result.known ? t('aligned', { ms: number(Math.ceil(result.errorS * 1000)) })
      : t('notAligned', { names: result.unknown.join(', ') }));
  }

  /** The picture is large while somebody draws on it. */
  gesturing(tool) {
    byId('consultation').classList.toggle('gesturing', tool !== '');
    this.arrange();
  }

  speedText() {
    return t('perSecond', { n: number(paper.speed, paper.speed % 1 === 0 ? 0 : 1) });
  }

  ecgTexts(wave) {
    const { label, device } = wave.stream.info;
    const name = this.panels.ecg.length > 1 ? `${[label, device].filter(Boolean).join(', ')}   ` : '';
    const gain = `${t('perMillivolt', { n: paper.gain })}   ${t('unfiltered')}`;
    return { speed: `${name}${this.speedText()}`, gain };
  }

  controls() {
    choice('speed', SPEEDS, paper.speed, (n) => number(n, n % 1 === 0 ? 0 : 1), (n) => this.setPaper({ speed: n }));
    choice('gain', GAINS, paper.gain, (n) => number(n), (n) => this.setPaper({ gain: n }));
    byId('listen').addEventListener('click', () => this.toggleListen());
    byId('volume').addEventListener('input', () => this.setVolume());
    this.setVolume();
    this.heart.on('state', () => this.showHeart());
    byId('leave').addEventListener('click', () => this.end('left'));
    byId('help').addEventListener('click', () => this.help());
    this.calibration();
    addEventListener('themechange', () => this.arrange());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.arrange());
    addEventListener('resize', () => this.arrange());
    document.addEventListener('visibilitychange', () => [...Object.values(this.strips), ...this.ecgStrips.values()]
      .forEach((one) => one.invalidate()));
    document.addEventListener('keydown', (event) => this.key(event));
  }

  key(event) {
    if (typing(event) || document.querySelector('dialog[open]')) {
      return;
    }
    const action = {
      v: () => this.setPaper({ speed: after(SPEEDS, paper.speed) }),
      a: () => this.setPaper({ gain: after(GAINS, paper.gain) }),
      s: () => this.toggleListen(),
      m: () => this.own.toggleMute(),
      c: () => this.own.toggleCamera(),
      g: () => this.gesture.choose('pointer'),
      p: () => this.gesture.choose('pen'),
      x: () => this.gesture.clear(),
      Escape: () => this.gesture.tool !== '' && this.gesture.choose(''),
      l: toggleLanguage,
      d: toggleTheme,
      '?': () => this.help(),
    }[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  }

  help() {
    const list = byId('help-list');
    list.replaceChildren();
    for (const [key, text] of [['V', 'keySpeed'], ['A', 'keyGain'], ['S', 'keyListen'], ['M', 'keyMute'],
      ['C', 'keyCamera'], ['G', 'keyPointer'], ['P', 'keyPen'], ['X', 'keyClear'], ['L', 'keyLanguage'],
      ['D', 'keyTheme'], ['Tab', 'keyTab'], ['?', 'keyHelp']]) {
      const term = make('dt');
      term.append(make('kbd', '', key));
      list.append(term, make('dd', '', t(text)));
    }
    byId('help-dialog').showModal();
  }

  setPaper(change) {
    Object.assign(paper, change);
    localStorage.setItem(STORED, JSON.stringify(paper));
    for (const name of ['speed', 'gain']) {
      const input = document.querySelector(`input[name=${name}][value="${paper[name]}"]`);
      if (input) {
        input.checked = true;
      }
    }
    this.arrange();
  }

  calibration() {
    const slider = byId('calibration');
    const show = () => {
      slider.value = String(paper.calibration * 100);
      byId('card-bar').style.width = `${CARD_MM * (96 / 25.4) * paper.calibration}px`;
    };
    byId('settings').addEventListener('click', () => {
      show();
      byId('settings-dialog').showModal();
    });
    slider.addEventListener('input', () => {
      this.setPaper({ calibration: Number(slider.value) / 100 });
      show();
    });
    byId('calibration-reset').addEventListener('click', () => {
      this.setPaper({ calibration: 1 });
      show();
    });
  }

  async toggleListen() {
    const wave = this.panels.heart.find((one) => !one.gone) ?? this.panels.heart[0];
    if (!wave) {
      return;
    }
    if (this.heart.active) {
      await this.heart.stop();
    } else {
      try {
        await this.heart.start(wave.stream);
      } catch {
        await this.heart.stop();
        this.heartFault = t('soundUnsupported', { rate: number(wave.stream.rate) });
      }
    }
    this.showHeart();
  }

  setVolume() {
    const percent = Number(byId('volume').value);
    this.heart.volume = percent / 100;
    setText(byId('volume-text'), t('volumeOf', { n: percent }));
  }

  showHeart() {
    const { heart } = this;
    const button = byId('listen');
    setText(button, t(heart.active ? 'stopListening' : 'listen'));
    button.setAttribute('aria-pressed', String(heart.active));
    let text = '';
    if (heart.active) {
      text = heart.playing ? t('soundPlaying', { ms: heart.behindMs }) : t('soundWaiting');
    } else if (this.heartFault) {
      text = this.heartFault;
    }
    setText(byId('heart-state'), text);
  }

  async end(why, reason = '') {
    this.times.stop();
    await this.gesture.stop();
    await this.heart.stop();
    await this.session.leave();
    showEntrance(why, reason);
  }
}

/** A group of radio buttons that looks like one control. */
function choice(name, values, current, text, onChange) {
  const field = byId(name);
  const inputs = values.map((value) => {
    const label = make('label');
    const input = make('input');
    input.type = 'radio';
    input.name = name;
    input.value = String(value);
    input.checked = value === current;
    input.addEventListener('change', () => onChange(value));
    const face = make('span', '', text(value));
    label.append(input, face);
    field.append(label);
    return { face, value };
  });
  onLanguage(() => inputs.forEach(({ face, value }) => setText(face, text(value))));
}

function after(values, current) {
  return values[(values.indexOf(current) + 1) % values.length];
}

function readStored() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? '{}');
    return {
      ...(SPEEDS.includes(stored.speed) ? { speed: stored.speed } : {}),
      ...(GAINS.includes(stored.gain) ? { gain: stored.gain } : {}),
      ...(stored.calibration >= 0.6 && stored.calibration <= 1.8 ? { calibration: stored.calibration } : {}),
    };
  } catch {
    return {};
  }
}

document.documentElement.dataset.language = currentLanguage();
