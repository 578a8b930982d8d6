// Keeps the field page itself for times without a line. Answers with data are never kept here.
const SHELF = 'field-2';
const PAGE = ['/field', '/static/field/field.css', '/static/field/field.mjs',
  '/static/field/store.mjs', '/static/field/door.mjs', '/static/field/photos.mjs',
  '/static/field/dom.mjs', '/static/admin/admin.css',
  '/static/admin/admin.mjs', '/favicon.svg'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(PAGE)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
    await self.clients.claim();
  })());
});

/** The line first; what is on the shelf only where there is none. */
self.addEventListener('fetch', (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== 'GET' || !PAGE.includes(path)) return;
  event.respondWith((async () => {
    const shelf = await caches.open(SHELF);
    try {
      const answer = await fetch(event.request);
      if (answer.ok && !answer.redirected) await shelf.put(path, answer.clone());
      return answer;
    } catch {
      return (await shelf.match(path)) ?? Response.error();
    }
  })());
});

self.addEventListener('message', (event) => {
  if (event.data === 'wipe') event.waitUntil(caches.delete(SHELF));
});
