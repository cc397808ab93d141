// The join token as its bearer may read it. Only the relay checks it; this is for names and hints.

/**
 * @typedef {object} Claims
 * @property {string} participant
 * @property {string} consultation
 * @property {string} role
 * @property {string} name
 * @property {string[]|null} grants
 * @property {number|null} expiresAtMs
 */

/**
 * Reads the claims of a JWT without checking its signature.
 * @param {string} token
 * @returns {Claims|null} null when it is not a token of a consultation
 */
export function readToken(token) {
  const parts = token.trim().split('.');
  if (parts.length !== 3) {
    return null;
  }
  try {
    const base64 = parts[1].replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims.sub !== 'string' || typeof claims.consultation !== 'string') {
      return null;
    }
    return {
      participant: claims.sub,
      consultation: claims.consultation,
      role: String(claims.role ?? ''),
      name: String(claims.name ?? ''),
      grants: Array.isArray(claims.grants) ? claims.grants.map(String) : null,
      expiresAtMs: typeof claims.exp === 'number' ? claims.exp * 1000 : null,
    };
  } catch {
    return null;
  }
}

/**
 * The token in what a person pasted: a join link or the token itself.
 * @param {string} text
 * @returns {string} the token, or '' when there is none
 */
export function tokenIn(text) {
  const trimmed = text.trim();
  const fragment = /[#&]t=([^&\s]+)/.exec(trimmed);
  const candidate = fragment ? decodeURIComponent(fragment[1]) : trimmed;
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(candidate) ? candidate : '';
}

/** Page for a role: the patient's side gets the site page. */
export function pageOfRole(role) {
  return role === 'patient' || role === 'companion' || role === 'device' ? '/site' : '/practitioner';
}
