// The join code: what the participants told each other by another way than the link, and an ingredient of the keys. The
// link says with c=1 that there is one, never which.

import { translate } from './i18n.js';
import { byId, make, needsCode } from './shell.js';

/** Letters; more than anybody would dictate. */
const LONGEST = 64;

/**
 * Asks for the code when the link says that one is needed. It is kept nowhere.
 * @returns {Promise<string>} '' when none is needed
 */
export function joinCodeOfPage() {
  if (!needsCode()) {
    return Promise.resolve('');
  }
  const entrance = byId('entrance');
  const card = make('section', 'card');
  const form = make('form', 'paste');
  form.id = 'join-code-form';
  const label = make('label');
  const field = make('input');
  Object.assign(field, { id: 'join-code', maxLength: LONGEST, autocomplete: 'off', spellcheck: false, required: true });
  label.append(said('span', 'codeLabel'), field);
  form.append(label, said('button', 'join', 'primary'));
  card.append(said('h2', 'codeTitle'), said('p', 'codeText'), form);
  entrance.replaceChildren(card);
  entrance.hidden = false;
  byId('leave').hidden = true;
  translate(card);
  field.focus();
  return new Promise((resolve) => {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const code = field.value.trim();
      field.setAttribute('aria-invalid', String(code === ''));
      if (code === '') {
        field.focus();
        return;
      }
      entrance.replaceChildren();
      entrance.hidden = true;
      byId('leave').hidden = false;
      resolve(code);
    });
  });
}

function said(tag, text, className = '') {
  const element = make(tag, className);
  element.dataset.t = text;
  return element;
}
