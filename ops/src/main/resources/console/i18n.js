// French and English. The page follows the browser's language until a person chooses.

import { EN } from './texts-en.js';
import { FR } from './texts-fr.js';

const STORED = 'chevet.language';
const TEXTS = { en: EN, fr: FR };
const listeners = new Set();

let language = initial();

function initial() {
  const stored = localStorage.getItem(STORED);
  if (stored && TEXTS[stored]) {
    return stored;
  }
  return (navigator.languages ?? [navigator.language]).map((one) => one.slice(0, 2)).find((one) => TEXTS[one]) ?? 'en';
}

/** The language in use, `en` or `fr`. */
export function currentLanguage() {
  return language;
}

/**
 * A text in the language in use.
 * @param {string} key
 * @param {Record<string, string|number>} [values] for the {names} in it
 */
export function t(key, values = {}) {
  const text = TEXTS[language][key] ?? EN[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Changes the language, remembers it and writes the page again. */
export function chooseLanguage(next) {
  language = TEXTS[next] ? next : 'en';
  localStorage.setItem(STORED, language);
  translate(document);
  listeners.forEach((listener) => listener());
}

/** Called after each change of language. */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * Writes the texts of elements: `data-t` the content, `data-t-label` aria-label and title, `data-t-hint` placeholder.
 * @param {ParentNode} root
 */
export function translate(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel));
    element.setAttribute('title', t(element.dataset.tLabel));
  }
  for (const element of root.querySelectorAll('[data-t-hint]')) {
    element.setAttribute('placeholder', t(element.dataset.tHint));
  }
}

/** Time of day, with seconds. @param {number} ms since 1970 */
export function clockTime(ms) {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false })
    .format(new Date(ms));
}

/** A number with the language's decimal sign. */
export function number(value, decimals = 0) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .format(value);
}

/** How long ago, in words that fit on a badge. */
export function ago(seconds) {
  if (seconds < 100) {
    return t('seconds', { n: Math.max(0, Math.round(seconds)) });
  }
  return seconds < 5400 ? t('minutes', { n: Math.round(seconds / 60) }) : t('hours', { n: Math.round(seconds / 3600) });
}
