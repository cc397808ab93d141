// What every page has: theme, language, the entrance for a missing or refused link, the state of the connection.

import { chooseLanguage, currentLanguage, onLanguage, t, translate } from './i18n.js';
import { secretIn } from './keys.js';
import { pageOfRole, readToken, tokenIn } from './token.js';

const THEME = 'chevet.theme';

/** An element by id. @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Makes an element.
 * @param {string} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  if (text) {
    element.textContent = text;
  }
  return element;
}

/** Writes text only when it changed, so that a screen reader is not told again. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Turns on theme and language buttons. Themes: what the system prefers, until the button is used. */
export function startShell() {
  const stored = localStorage.getItem(THEME);
  if (stored) {
    document.documentElement.dataset.theme = stored;
  }
  byId('theme')?.addEventListener('click', toggleTheme);
  byId('language')?.addEventListener('click', toggleLanguage);
  translate(document);
}

/** Light to dark and back; remembers it. */
export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem(THEME, root.dataset.theme);
  globalThis.dispatchEvent(new Event('themechange'));
}

/** French to English and back. */
export function toggleLanguage() {
  chooseLanguage(currentLanguage() === 'fr' ? 'en' : 'fr');
}

/** The token of the page's address. */
export function tokenOfPage() {
  return tokenIn(location.hash);
}

/** The key of the page's address, '' when it holds none. */
export function secretOfPage() {
  return secretIn(location.hash);
}

/** True when the link says that a join code is needed besides the key. */
export function needsCode(text = location.hash) {
  return /[#&]c=1(&|$)/.test(text.trim()) && secretIn(text) !== '';
}

/** The fragment of a join link, which no server ever sees. */
export function fragmentOf(token, secret, coded = false) {
  return secret === '' ? `#t=${token}` : `#t=${token}&s=${secret}${coded ? '&c=1' : ''}`;
}

/**
 * Shows the entrance: what is wrong with the link, and a field for another one.
 * @param {'missing'|'expired'|'refused'|'left'|'evicted'|'unsupported'|'keyless'|'badKey'} why
 * @param {string} [reason] what the relay said
 */
export function showEntrance(why, reason = '') {
  const entrance = byId('entrance');
  byId('consultation').hidden = true;
  byId('leave').hidden = true;
  entrance.hidden = false;
  const write = () => {
    entrance.replaceChildren();
    const card = make('section', 'card');
    card.append(make('h2', '', t(why === 'left' ? 'left' : `${why}Title`)));
    if (why !== 'left') {
      card.append(make('p', '', t(`${why}Text`, { reason })));
    } else {
      const again = make('button', 'primary', t('rejoin'));
      again.type = 'button';
      again.addEventListener('click', () => location.reload());
      card.append(again);
    }
    card.append(pasteForm());
    entrance.append(card);
    translate(card);
  };
  write();
  onLanguage(write);
}

/** A field that takes a join link or a token and opens the page of its role. */
export function pasteForm() {
  const form = make('form', 'paste');
  const label = make('label', '');
  label.append(make('span', '', t('pasteLabel')));
  const field = make('input');
  field.name = 'link';
  field.autocomplete = 'off';
  field.spellcheck = false;
  field.dataset.tHint = 'pasteHint';
  label.append(field);
  const fault = make('p', 'fault');
  fault.setAttribute('role', 'alert');
  const button = make('button', 'primary', t('join'));
  form.append(label, button, fault);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const token = tokenIn(field.value);
    const claims = readToken(token);
    if (!claims) {
      fault.textContent = t('pasteBad');
      field.setAttribute('aria-invalid', 'true');
      field.focus();
      return;
    }
    const page = pageOfRole(claims.role);
    const fragment = fragmentOf(token, secretIn(field.value), needsCode(field.value));
    if (location.pathname === page) {
      location.hash = fragment;
      location.reload();
    } else {
      location.assign(`${page}${fragment}`);
    }
  });
  return form;
}

/** Which entrance a refusal leads to. */
export function entranceOf(refusal, token) {
  const claims = readToken(token);
  if (!claims) {
    return 'missing';
  }
  const key = { 'encryption-unsupported': 'unsupported', 'encryption-required': 'keyless', 'key-malformed': 'badKey' };
  if (key[refusal.title]) {
    return key[refusal.title];
  }
  return claims.expiresAtMs !== null && claims.expiresAtMs < Date.now() ? 'expired' : 'refused';
}

/** Shows the state of the session in the bar, with its parts as a tooltip. */
export function showConnection(session) {
  const chip = byId('connection');
  const write = (reason) => {
    const { state, parts } = session;
    chip.dataset.state = state;
    let text = t(state);
    if (state === 'connected' && session.connection.roundTripMs !== null) {
      text = `${text} · ${t('roundTrip', { ms: Math.round(session.connection.roundTripMs) })}`;
    }
    setText(byId('connection-text'), text);
    const names = { session: 'partSession', vitals: 'partVitals', receive: 'partReceive' };
    const lines = Object.entries(parts).map(([part, one]) => `${t(names[part] ?? 'partPublish')}: ${t(one)}`);
    chip.title = [...lines, ...(reason ? [reason] : [])].join('\n');
  };
  session.on('state', ({ reason }) => write(reason));
  session.connection.on('roundtrip', () => write(''));
  onLanguage(() => write(''));
  write('');
}

/** Shows the lock with the safety code, and says whose picture, sound or devices cannot be opened. */
export function showEndToEnd(session) {
  const lock = byId('lock');
  const fault = byId('undecryptable');
  const failing = new Map();
  const told = make('button', 'told-code');
  Object.assign(told, { type: 'button', id: 'told-code', hidden: true });
  // The page asks for the code when it is loaded, and keeps it nowhere.
  told.addEventListener('click', () => {
    location.hash = fragmentOf(tokenOfPage(), secretOfPage(), true);
    location.reload();
  });
  fault.after(told);
  const write = () => {
    lock.hidden = session.safetyCode === '';
    setText(byId('safety-code'), session.safetyCode);
    lock.title = t('safetyCodeText');
    lock.setAttribute('aria-label', `${t('safetyCode')}: ${session.safetyCode}. ${t('safetyCodeText')}`);
    const names = [...new Set(failing.values())].map((one) => session.roster.get(one)?.name || one);
    fault.hidden = names.length === 0;
    const sentence = needsCode() ? 'undecryptableCode' : 'undecryptable';
    setText(fault, names.length === 0 ? '' : t(sentence, { name: names.join(', ') }));
    told.hidden = fault.hidden || secretOfPage() === '';
    setText(told, t(needsCode() ? 'codeAgain' : 'toldCode'));
  };
  session.on('epoch', write);
  session.on('undecryptable', ({ participant, kind, name, failing: isFailing }) => {
    const key = `${participant}\n${kind}\n${name}`;
    if (isFailing) {
      failing.set(key, participant);
    } else {
      failing.delete(key);
    }
    write();
  });
  session.on('ended', ({ info }) => {
    failing.delete(`${info.participant}\nvitals\n${info.name}`);
    write();
  });
  onLanguage(write);
  write();
}

/** Name of a role. */
export function roleName(role) {
  return t(`role${role.charAt(0).toUpperCase()}${role.slice(1)}`);
}

/**
 * Who is here, in the bar.
 * @param {{onRemove?: ((entry: import('./session.js').RosterEntry) => void)|null}} [options] what the button of each
 *   other participant does; none without it
 */
export function showPeople(session, { onRemove = null } = {}) {
  const write = () => {
    const list = byId('people');
    list.replaceChildren();
    for (const entry of session.roster.values()) {
      const item = make('li', `person role-${entry.role}`);
      item.append(make('span', 'person-name', entry.name || entry.participant));
      const own = entry.participant === session.participant;
      item.append(make('span', 'person-role', own ? `${roleName(entry.role)}, ${t('you')}` : roleName(entry.role)));
      if (onRemove && !own) {
        const button = make('button', 'person-remove', '×');
        button.type = 'button';
        button.title = t('removeOf', { name: entry.name || entry.participant });
        button.setAttribute('aria-label', button.title);
        button.addEventListener('click', () => onRemove(entry));
        item.append(button);
      }
      list.append(item);
    }
  };
  session.on('roster', write);
  onLanguage(write);
  write();
}

/** True while keys go to a field. */
export function typing(event) {
  const target = event.target;
  return event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable
    || (target.matches?.('input:not([type=range]):not([type=radio]), textarea, select') ?? false);
}
