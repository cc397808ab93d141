// The landing page: what this is, and the way in.

import { onLanguage, translate } from './i18n.js';
import { byId, fragmentOf, pasteForm, secretOfPage, startShell, tokenOfPage } from './shell.js';
import { pageOfRole, readToken } from './token.js';

const token = tokenOfPage();
const claims = readToken(token);
if (claims) {
  location.replace(`${pageOfRole(claims.role)}${fragmentOf(token, secretOfPage())}`);
}

const write = () => {
  byId('paste').replaceChildren(pasteForm());
  translate(byId('paste'));
};
startShell();
write();
onLanguage(write);
