// Asking the server: JSON in, JSON out, errors as problem documents (RFC 9457).
import { notice, unnotice } from './dom.mjs';
import { setup, t } from './setup.mjs';

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || String(status));
    this.status = status;
    this.body = body;
  }
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (error) {
    if (error.name !== 'AbortError') notice('offline', t('offline'), { seconds: 0 });
    throw error;
  }
  unnotice('offline');
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent('/map')}`);
  }
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

/** GET `path` with the query `values`; names without a value are left out. */
export function get(path, values = {}, options = {}) {
  const query = new URLSearchParams({ lang: setup.language });
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, value);
  }
  return ask(`${path}?${query}`, options);
}

export function post(path, body) {
  return ask(`${path}?lang=${setup.language}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
}

export const drop = (path) => ask(path, { method: 'DELETE' });

export const place = (identifier) => get(`/api/places/${encodeURIComponent(identifier)}`);

/** Return the four collections of an opened building. */
export function parts(identifier) {
  const path = `/api/places/${encodeURIComponent(identifier)}`;
  return Promise.all(['units', 'storeys', 'entrances', 'sections']
    .map((part) => get(`${path}/${part}`)));
}

/** Tell the user, in the page's words, what went wrong. */
export function failed(error) {
  if (error.name === 'AbortError' || error instanceof TypeError) return;
  const text = error.status === 404 ? t('not_found') : t('request_failed', error.message);
  notice('failed', text);
}
