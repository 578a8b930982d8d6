// What the phone carries: doors of a round, visits and pictures to be sent, encrypted, for hours.
// The key cannot be read out of the browser; it goes with everything else at sign-out, when the
// server no longer knows the sign-in, and when its time is over.
const NAME = 'doorplate-field';
const STORES = ['keys', 'rounds', 'queue', 'photos'];
let opened = null;

function base() {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 2);
    asked.onupgradeneeded = () => {
      const { result: made } = asked;
      for (const name of STORES) {
        if (!made.objectStoreNames.contains(name)) made.createObjectStore(name);
      }
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

async function run(store, mode, act) {
  const db = await base();
  return new Promise((done, fail) => {
    const asked = act(db.transaction(store, mode).objectStore(store));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

let owner = null;

/** Say who carries this now; what another one left here is wiped. */
export async function carriedBy(user) {
  const kept = await run('keys', 'readonly', (store) => store.get('key'));
  if (kept && kept.owner !== user) await wipe();
  owner = user;
}

async function key(hours) {
  const kept = await run('keys', 'readonly', (store) => store.get('key'));
  if (kept && kept.until > Date.now()) return kept.key;
  if (kept) await wipe();
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false,
    ['encrypt', 'decrypt']);
  await run('keys', 'readwrite', (store) => store.put(
    { key: made, owner, until: Date.now() + hours * 3600e3 }, 'key'));
  return made;
}

/** When what is carried ends, in milliseconds; null when nothing is carried. */
export async function until() {
  const kept = await run('keys', 'readonly', (store) => store.get('key'));
  return kept && kept.until > Date.now() ? kept.until : null;
}

export async function put(store, name, value, hours) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(hours), text);
  await run(store, 'readwrite', (one) => one.put({ iv, sealed }, name));
}

export async function get(store, name) {
  if (!(await until())) return null;
  const kept = await run(store, 'readonly', (one) => one.get(name));
  return kept ? open(kept) : null;
}

export async function all(store) {
  if (!(await until())) return [];
  const names = await run(store, 'readonly', (one) => one.getAllKeys());
  const kept = await run(store, 'readonly', (one) => one.getAll());
  return Promise.all(names.map(async (name, n) => [name, await open(kept[n])]));
}

export async function drop(store, name) {
  await run(store, 'readwrite', (one) => one.delete(name));
}

export async function count(store) {
  return run(store, 'readonly', (one) => one.count());
}

async function open({ iv, sealed }) {
  const kept = await run('keys', 'readonly', (store) => store.get('key'));
  const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, kept.key, sealed);
  return JSON.parse(new TextDecoder().decode(text));
}

/** Forget everything: doors, visits, key, and the page on the shelf. */
export async function wipe() {
  for (const store of STORES) {
    await run(store, 'readwrite', (one) => one.clear());
  }
  navigator.serviceWorker?.controller?.postMessage('wipe');
}
