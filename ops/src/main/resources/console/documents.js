// Photos and documents of people, as objects: chosen and sent on the site's page, received and saved on the
// practitioner's.

import { clockTime, number, onLanguage, t } from './i18n.js';
import { MAX_OBJECT_BYTES, ObjectReceiver } from './objects.js';
import { Kind } from './sbe.js';
import { byId, make, setText } from './shell.js';

/** What can be looked at without running anything of it. */
const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'application/pdf'];
/** Kept in a page's memory; older ones are forgotten, and no longer offered. */
const KEPT = 8;
/** Received at once; further ones wait. */
const AT_ONCE = 2;
const WAITING = 16;
/** Streams of stills, which have a place of their own. */
const STILL = /^still-/;

/** The rows of a list: a name, what is to be said of it, perhaps something to press. */
class Rows {
  #rows = new Map();

  constructor(list) {
    this.list = list;
    onLanguage(() => this.#rows.forEach((row) => row.write()));
  }

  /** @param {object} key @param {string} name @param {() => {text: string, tone: string}} state */
  add(key, name, state) {
    const item = make('li');
    const badge = make('span', 'badge');
    const row = { item, write: () => {
      const { text, tone } = state();
      setText(badge, text);
      badge.dataset.tone = tone;
      row.more?.();
    } };
    item.append(make('span', 'name', name), badge, make('span', 'spacer'));
    this.#rows.set(key, row);
    this.list.append(item);
    row.write();
    return row;
  }

  get(key) {
    return this.#rows.get(key);
  }

  remove(key) {
    this.#rows.get(key)?.item.remove();
    this.#rows.delete(key);
  }
}

/** The site's side. */
export class DocumentsOut {
  /** What is offered, the oldest first. */
  offered = [];

  /** @param {import('./chevet.js').Session} session */
  constructor(session) {
    this.session = session;
    this.rows = new Rows(byId('documents'));
    byId('document-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
  }

  async send() {
    const field = byId('document-file');
    const [file] = field.files;
    const fault = byId('document-fault');
    const why = refusalOf(file);
    fault.hidden = why === '';
    setText(fault, why);
    field.setAttribute('aria-invalid', String(why !== ''));
    if (why !== '') {
      field.focus();
      return;
    }
    const button = byId('document-send');
    button.disabled = true;
    try {
      this.#offer(file, await this.session.vitals.sendObject(file));
      field.value = '';
    } catch (error) {
      fault.hidden = false;
      setText(fault, t('fileBad', { reason: error.message }));
    } finally {
      button.disabled = false;
    }
  }

  #offer(file, sender) {
    let state = () => ({ text: t('documentWaiting'), tone: 'warn' });
    const row = this.rows.add(sender, file.name, () => state());
    const say = (next) => {
      state = next;
      row.write();
    };
    sender.on('progress', ({ sent, blocks }) => !sender.delivered
      && say(() => ({ text: t('documentSending', { n: Math.floor(100 * sent / blocks) }), tone: 'warn' })));
    sender.on('delivered', () => say(() => ({ text: t('documentDelivered'), tone: 'good' })));
    sender.on('refused', (reason) => say(() => ({ text: t('streamRefused', { reason }), tone: 'bad' })));
    this.offered.push(sender);
    for (const old of this.offered.splice(0, this.offered.length - KEPT)) {
      old.end();
      this.rows.remove(old);
    }
  }
}

/** The practitioner's side. */
export class DocumentsIn {
  /** What has arrived whole, the newest last: {name, type, bytes, participant, url}. */
  all = [];
  #waiting = [];
  #receiving = 0;

  /** @param {import('./chevet.js').Session} session */
  constructor(session) {
    this.session = session;
    this.rows = new Rows(byId('documents'));
    session.on('stream', (stream) => this.#add(stream));
    session.vitals.streams.forEach((stream) => this.#add(stream));
  }

  #add(stream) {
    const { kind, name } = stream.info;
    if (kind === Kind.OBJECT && !STILL.test(name) && this.#waiting.length < WAITING) {
      this.#waiting.push(stream);
      this.#next();
    }
  }

  #next() {
    while (this.#receiving < AT_ONCE && this.#waiting.length > 0) {
      this.#receiving += 1;
      this.#receive(this.#waiting.shift());
    }
  }

  #receive(stream) {
    const { participant } = stream.info;
    const receiver = new ObjectReceiver(stream);
    let state = () => ({ text: t('documentReceiving', { n: 0 }), tone: 'warn' });
    const say = (next) => {
      state = next;
      this.rows.get(receiver)?.write();
    };
    const over = () => {
      this.#receiving -= 1;
      this.#next();
    };
    receiver.on('manifest', ({ name }) => this.rows.add(receiver, name, () => state()));
    receiver.on('progress', ({ received, size }) =>
      say(() => ({ text: t('documentReceiving', { n: Math.floor(100 * received / size) }), tone: 'warn' })));
    receiver.on('broken', () => {
      say(() => ({ text: t('documentBroken'), tone: 'bad' }));
      over();
    });
    receiver.on('complete', (object) => {
      over();
      if (!TYPES.includes(object.type)) {
        say(() => ({ text: t('documentOther'), tone: 'bad' }));
        return;
      }
      const name = this.session.roster.get(participant)?.name || participant;
      const time = Date.now();
      say(() => ({ text: t('documentOf', { name, time: clockTime(time), size: number(object.size / 1e6, 2) }),
        tone: 'good' }));
      this.#keep(receiver, { ...object, participant });
    });
  }

  #keep(key, document) {
    const url = URL.createObjectURL(new Blob([document.bytes], { type: document.type }));
    const save = make('a', 'button');
    Object.assign(save, { href: url, download: document.name });
    const row = this.rows.get(key);
    row.item.append(save);
    row.more = () => {
      setText(save, t('save'));
      save.setAttribute('aria-label', `${t('save')}: ${document.name}`);
    };
    row.write();
    this.all.push({ ...document, key, url });
    for (const old of this.all.splice(0, this.all.length - KEPT)) {
      URL.revokeObjectURL(old.url);
      this.rows.remove(old.key);
    }
  }
}

function refusalOf(file) {
  if (!file) {
    return t('documentNone');
  }
  if (!TYPES.includes(file.type)) {
    return t('documentOther');
  }
  return file.size < 1 || file.size > MAX_OBJECT_BYTES ? t('documentSize') : '';
}
