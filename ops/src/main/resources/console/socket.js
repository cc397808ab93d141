// One WebSocket to the relay, authenticated by subprotocol, with the reason when it is refused.

import { Refusal, refusalOf } from './problem.js';

const OPEN_TIMEOUT_MS = 10_000;

/**
 * Opens a WebSocket. A browser hides why an upgrade was refused, so the relay is asked again by plain HTTP.
 * @param {{url: string, path: string, token: string, subprotocol: string, onMessage: (data: any) => void,
 *   onClose: (code: number, reason: string) => void}} options `onClose` is called only after it was open
 * @returns {Promise<WebSocket>}
 * @throws {Refusal}
 */
export function openSocket({ url, path, token, subprotocol, onMessage, onClose }) {
  const address = new URL(path, url);
  const probe = address.href;
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address.href, [subprotocol, `bearer.${token}`]);
    socket.binaryType = 'arraybuffer';
    let open = false;
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(timer);
      open = true;
      resolve(socket);
    };
    socket.onmessage = (event) => onMessage(event.data);
    socket.onclose = (event) => {
      clearTimeout(timer);
      if (open) {
        onClose(event.code, event.reason);
      } else {
        whyRefused(probe, token).then(reject);
      }
    };
  });
}

/** Close codes 4401, 4403 and 4404 mean what the HTTP status of the same number means. */
export function refusalOfClose(code, reason) {
  return new Refusal(code > 4400 && code < 4500 ? code - 4000 : code, '', reason);
}

async function whyRefused(probe, token) {
  try {
    const response = await fetch(probe, { headers: { Authorization: `Bearer ${token}` }, cache: 'no-store' });
    // 426 and its kin say "this is a WebSocket": the token was good, so the connection itself was the trouble.
    if (response.status === 401 || response.status === 403 || response.status === 404 || response.status === 410) {
      return await refusalOf(response);
    }
    return new Refusal(0, 'unreachable', 'The relay did not open the connection.');
  } catch {
    return new Refusal(0, 'unreachable', 'The relay does not answer.');
  }
}
