// The patient's side: camera and microphone, devices, and what the practitioner receives of them.

import { join, readToken } from './chevet.js';
import { clinicalUnit } from './clinical.js';
import { DocumentsOut } from './documents.js';
import { Guided } from './guided.js';
import { clockTime, number, onLanguage, t } from './i18n.js';
import { joinCodeOfPage } from './joincode.js';
import { MediaTimes } from './mediatime.js';
import { BUNDLED, readFile } from './recordings.js';
import { MadeUpVitals, numeric, pushValues, Replay } from './replay.js';
import {
  byId, entranceOf, make, roleName, secretOfPage, setText, showConnection, showEndToEnd, showEntrance, showPeople,
  startShell, tokenOfPage,
} from './shell.js';
import { SiteCamera } from './sitecamera.js';
import { exposeStats } from './stats.js';
import { Tiles } from './tiles.js';

const TICK_MS = 500;
const SECTIONS = { audio: 3, video: 3 };
const MEASURES = [
  { name: 'temperature', mdcCode: 150364, unit: 'Cel', low: 25, high: 45 },
  { name: 'cuff', mdcCode: 150020, unit: 'mm[Hg]', low: 20, high: 300,
    channels: [[150021, 'SYS'], [150022, 'DIA']].map(([mdc, label]) => ({ mdc, label, unit: 'mm[Hg]' })) },
  { name: 'spo2', mdcCode: 150456, unit: '%', low: 1, high: 100 },
  { name: 'pulse', mdcCode: 149530, unit: '/min', low: 10, high: 350 },
  { name: 'glucose', mdcCode: 160184, unit: 'mmol/L', low: 0.1, high: 60 },
];

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
  new Site(session).start();
}

/** Everything of the page that lives as long as the session. */
class Site {
  /** Devices that play, by key. */
  devices = new Map();
  #measures = new Map();

  constructor(session) {
    this.session = session;
  }

  start() {
    const { session } = this;
    const tiles = new Tiles(session, byId('tiles'));
    this.camera = new SiteCamera(session);
    this.times = new MediaTimes(session.connection);
    this.times.start();
    this.guided = new Guided({ session, times: this.times });
    const nameOf = (participant) => session.roster.get(participant)?.name || participant;
    const saying = (key, values) => {
      const say = () => setText(byId('still-taken'), t(key, values));
      this.aboutStill = say;
      say();
    };
    this.stills = session.answerStills({
      onTaken: ({ participant, width, height }) => saying('stillTakenHere', { name: nameOf(participant), width, height,
        time: clockTime(Date.now()) }),
      onFailed: ({ participant, reason }) => saying('stillNotTaken', { name: nameOf(participant), reason }),
    });
    this.documents = new DocumentsOut(session);
    showConnection(session);
    showEndToEnd(session);
    showPeople(session);
    session.receive(SECTIONS);
    session.on('roster', () => this.showWatchers());
    session.on('state', ({ reason }) => {
      if (session.connection.state === 'failed') {
        this.leave('refused', reason);
      }
    });
    session.on('evicted', () => this.leave('evicted'));
    byId('leave').addEventListener('click', () => this.leave('left'));
    byId('recording').addEventListener('change', () => this.choose());
    byId('start-device').addEventListener('click', () => this.startDevice());
    byId('measure').addEventListener('submit', (event) => {
      event.preventDefault();
      this.measure();
    });
    byId('measure-kind').addEventListener('change', () => this.showMeasure());
    onLanguage(() => this.write());
    this.write();
    setInterval(() => this.tick(), TICK_MS);
    exposeStats({ session, tiles, gesture: this.guided, stills: this.stills });
  }

  write() {
    const chosen = byId('recording').value;
    byId('recording').replaceChildren(...BUNDLED.map(({ key, text }) => option(key, t(text))),
      option('made-up', t('recVitals')), option('file', t('fromFile')));
    byId('recording').value = chosen || BUNDLED[0].key;
    const measure = byId('measure-kind').value;
    byId('measure-kind').replaceChildren(...MEASURES.map(({ name }) => option(name, t(name))));
    byId('measure-kind').value = measure || MEASURES[0].name;
    setText(byId('measure-kind-name'), t('measurements'));
    byId('measure-kind-name').dataset.t = 'measurements';
    this.aboutStill?.();
    this.showMeasure();
    this.choose();
    this.showWatchers();
    this.tick();
  }

  choose() {
    byId('file-fields').hidden = byId('recording').value !== 'file';
  }

  showMeasure() {
    const measure = MEASURES.find(({ name }) => name === byId('measure-kind').value);
    setText(byId('measure-unit'), clinicalUnit(measure.unit));
    byId('measure-value').placeholder = measure.channels ? '128/76' : '';
  }

  async startDevice() {
    const key = byId('recording').value;
    const fault = byId('device-fault');
    fault.hidden = true;
    try {
      if (this.devices.has(key)) {
        return;
      }
      let device;
      if (key === 'made-up') {
        device = new MadeUpVitals(this.session.vitals);
        device.title = t('recVitals');
      } else if (key === 'file') {
        const file = byId('file').files[0];
        if (!file) {
          byId('file').focus();
          return;
        }
        device = new Replay(this.session.vitals, await readFile(file, Number(byId('file-rate').value)));
        device.title = file.name;
      } else {
        const bundled = BUNDLED.find((one) => one.key === key);
        device = new Replay(this.session.vitals, await bundled.load());
        device.title = t(bundled.text);
      }
      device.start();
      this.devices.set(key, device);
      this.tick();
    } catch (error) {
      fault.textContent = t('fileBad', { reason: error.message });
      fault.hidden = false;
    }
  }

  stopDevice(key) {
    this.devices.get(key)?.stop();
    this.devices.delete(key);
    this.tick();
  }

  measure() {
    const measure = MEASURES.find(({ name }) => name === byId('measure-kind').value);
    const field = byId('measure-value');
    const values = field.value.split('/').map((part) => Number(part.trim().replace(',', '.')));
    const wanted = measure.channels?.length ?? 1;
    const good = values.length === wanted && field.value.trim() !== ''
      && values.every((value) => value >= measure.low && value <= measure.high);
    field.setAttribute('aria-invalid', String(!good));
    if (!good) {
      field.focus();
      return;
    }
    let stream = this.#measures.get(measure.name);
    if (!stream) {
      stream = this.session.vitals.publish(numeric(
        { ...measure, name: `manual-${measure.name}`, label: t(measure.name) }, 0));
      this.#measures.set(measure.name, stream);
    }
    pushValues(stream, values);
    field.value = '';
    setText(byId('measure-state'), t('sent', { time: clockTime(Date.now()) }));
  }

  tick() {
    const list = byId('streams');
    const keys = [...this.devices.keys()];
    while (list.children.length > keys.length) {
      list.lastElementChild.remove();
    }
    keys.forEach((key, i) => this.#row(list, key, i));
    this.camera?.tick();
  }

  #row(list, key, i) {
    const device = this.devices.get(key);
    const row = list.children[i] ?? list.appendChild(make('li'));
    if (row.dataset.key !== key) {
      row.dataset.key = key;
      const stop = make('button', '', t('stopReplay'));
      stop.type = 'button';
      stop.addEventListener('click', () => this.stopDevice(row.dataset.key));
      row.replaceChildren(make('span', 'name'), make('span', 'badge'), make('span', 'spacer'), stop);
    }
    const [name, badge, , stop] = row.children;
    setText(name, device.title);
    setText(stop, t('stopReplay'));
    const { stream } = device;
    if (stream.state === 'refused') {
      setText(badge, t('streamRefused', { reason: stream.refusal ?? '' }));
      badge.dataset.tone = 'bad';
    } else if (stream.state === 'open' && stream.unacknowledged < 50) {
      setText(badge, t('streamSending', { n: number(device.seconds) }));
      badge.dataset.tone = 'good';
    } else {
      setText(badge, t('streamWaiting', { n: number(stream.unacknowledged) }));
      badge.dataset.tone = 'warn';
    }
  }

  showWatchers() {
    const list = byId('watchers');
    list.replaceChildren();
    const others = [...this.session.roster.values()].filter((one) => one.participant !== this.session.participant
      && (one.role === 'practitioner' || one.role === 'guest'));
    if (others.length === 0) {
      list.append(make('li', 'hint', t('nobodyYet')));
    }
    for (const entry of others) {
      const item = make('li');
      item.append(make('span', 'name', entry.name || entry.participant), make('span', 'hint', roleName(entry.role)),
        make('span', 'spacer'));
      const receives = [['whep', 'receivesMedia'], ['vitals', 'receivesVitals']]
        .filter(([connection]) => entry.connections.includes(connection));
      for (const [, text] of receives) {
        const badge = make('span', 'badge', t(text));
        badge.dataset.tone = 'good';
        item.append(badge);
      }
      if (receives.length === 0) {
        item.append(make('span', 'badge', t('receivesNothing')));
      }
      list.append(item);
    }
  }

  async leave(why, reason = '') {
    this.devices.forEach((device) => device.stop());
    this.camera.stop();
    this.guided.stop();
    this.times.stop();
    await this.session.leave();
    showEntrance(why, reason);
  }
}

function option(value, text) {
  const element = make('option', '', text);
  element.value = value;
  return element;
}
