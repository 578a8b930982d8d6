// Asking the server: JSON in, JSON out, errors as problem documents (RFC 9457).
import { notice, unnotice } from './dom.mjs';
import { dated } from './moment.mjs';
import { setup, t } from './setup.mjs';

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || String(status));
    this.status = status;
    this.body = body;
  }
}

const AGAIN_MS = 3000;
let away = 0;
const backs = [];

/** Call `listener()` when the server answers again after it was lost. */
export const onBack = (listener) => backs.push(listener);

/** Say that the server is lost, and look for it until it answers. */
function lost() {
  if (away) return;
  notice('offline', t('offline'), { seconds: 0 });
  away = setInterval(async () => {
    const answer = await fetch('/health', { cache: 'no-store' }).catch(() => null);
    if (answer?.ok) found();
  }, AGAIN_MS);
}

function found() {
  clearInterval(away);
  away = 0;
  unnotice('offline');
  notice('back', t('back_online'), { seconds: 3 });
  for (const listener of backs) listener();
}

async function ask(path, options = {}) {
  const response = await reach(path, options);
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

/** POST a body that is no JSON; the answer is text. */
export async function send(path, body, type) {
  const response = await reach(path, { method: 'POST', body, headers: { 'Content-Type': type } });
  if (!response.ok) throw new Problem(response.status, await response.json().catch(() => null));
  return response.text();
}

async function reach(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (error) {
    if (error.name !== 'AbortError') lost();
    throw error;
  }
  if (away) found();
  if (response.status === 401) signedOut();
  return response;
}

/** The sign-in has ended: what is on the page stays until its reader goes to sign in again. */
function signedOut() {
  const here = location.pathname + location.search + location.hash;
  notice('sign-in', t('signed_out'), { seconds: 0, action: { name: t('sign_in'),
    run: () => location.assign(`/sign-in?next=${encodeURIComponent(here)}`) } });
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

export const place = (identifier) => get(`/api/places/${encodeURIComponent(identifier)}`, dated());

/** Return the four collections of an opened building. */
export function parts(identifier) {
  const path = `/api/places/${encodeURIComponent(identifier)}`;
  return Promise.all(['units', 'storeys', 'entrances', 'sections']
    .map((part) => get(`${path}/${part}`, dated())));
}

/** Tell the user, in the page's words, what went wrong. */
export function failed(error) {
  if (error.name === 'AbortError' || error instanceof TypeError) return;
  const text = error.status === 404 ? t('not_found') : t('request_failed', error.message);
  notice('failed', text);
}
