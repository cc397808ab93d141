// The dialog that asks before a participant is put out.

import { onLanguage, t } from './i18n.js';
import { byId, setText } from './shell.js';

const IN_CHARGE = new Set(['practitioner', 'companion']);

/**
 * What the button of a participant does, null for who may not put anybody out.
 * @param {import('./chevet.js').Session} session
 * @returns {((entry: import('./session.js').RosterEntry) => void)|null}
 */
export function removalOf(session) {
  if (!IN_CHARGE.has(session.claims.role)) {
    return null;
  }
  const dialog = byId('remove-dialog');
  const button = byId('remove-confirm');
  const fault = byId('remove-fault');
  let asked = null;
  const write = () => {
    const name = asked?.name || asked?.participant || '';
    setText(byId('remove-title'), t('removeTitle', { name }));
    setText(byId('remove-text'), t(session.endToEnd ? 'removeTextKeys' : 'removeText', { name }));
  };
  onLanguage(write);
  button.addEventListener('click', async () => {
    button.disabled = true;
    fault.hidden = true;
    try {
      await session.evict(asked.participant);
      dialog.close();
    } catch (refusal) {
      fault.textContent = t('removeFailed', { reason: refusal.message });
      fault.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  return (entry) => {
    asked = entry;
    fault.hidden = true;
    write();
    dialog.showModal();
  };
}
