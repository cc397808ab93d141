// Refusals: problem details (RFC 9457) of HTTP answers and close codes of WebSockets, as one kind of error.

/** An answer of the relay that says no. `message` is the relay's own sentence. */
export class Refusal extends Error {
  /**
   * @param {number} status HTTP status, or WebSocket close code (4000 and above), or 0 when nothing answered
   * @param {string} title short name of the problem
   * @param {string} detail one sentence, may be empty
   */
  constructor(status, title, detail) {
    super(detail || title || `refused (${status})`);
    this.name = 'Refusal';
    this.status = status;
    this.title = title;
    this.detail = detail;
  }

  /** True when trying again with the same token cannot help. */
  get final() {
    return this.status === 400 || this.status === 401 || this.status === 403 || this.status === 404
      || this.status === 406 || this.status === 410 || this.status === 415 || this.status === 422;
  }
}

/**
 * Reads the refusal out of an HTTP answer.
 * @param {Response} response
 * @returns {Promise<Refusal>}
 */
export async function refusalOf(response) {
  let title = response.statusText;
  let detail = '';
  try {
    const text = await response.text();
    if ((response.headers.get('content-type') ?? '').includes('json')) {
      const body = JSON.parse(text);
      title = String(body.title ?? title);
      detail = String(body.detail ?? '');
    } else {
      detail = text.slice(0, 200);
    }
  } catch {
    // The body adds nothing: the status speaks.
  }
  return new Refusal(response.status, title, detail);
}
