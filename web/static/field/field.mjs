// The grid worker's page: buildings, doors, visits; it works on when the line is cut.
import { h } from './dom.mjs';
import { doorForm } from './door.mjs';
import { sendPhotos } from './photos.mjs';
import * as store from './store.mjs';

const app = document.getElementById('app');
const { words: t, lists, user, language, hours, most, photos } = JSON.parse(app.dataset.setup);
const said = document.getElementById('said');
const wrong = document.getElementById('wrong');
let round = null;

const ask = (path, body) => call(path, body ? { method: 'POST', body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' } } : {});
const put = (path, image) => call(path, { method: 'PUT', body: image,
  headers: { 'Content-Type': 'image/jpeg' } });

async function call(path, options) {
  const answer = await fetch(path, options);
  if (answer.status === 401) {
    await signedOut();
    throw new Error(wrong.textContent);
  }
  if (!answer.ok) {
    const told = (await answer.json().catch(() => ({}))).detail ?? String(answer.status);
    throw Object.assign(new Error(told), { status: answer.status });
  }
  return answer.json();
}

/** A sign-in that is over or revoked leaves nothing here; one left idle is taken up again. */
async function signedOut() {
  const standing = await fetch('/api/visits/standing').then((one) => one.json());
  if (standing.over) await store.wipe();
  tell(wrong, standing.over ? t.wiped : t.sign_in_again);
  setTimeout(() => { location.href = '/sign-in?next=/field'; }, 1500);
}

function tell(where, text) {
  said.hidden = wrong.hidden = true;
  where.textContent = text;
  where.hidden = !text;
}

async function status() {
  const waiting = await store.count('queue') + await store.count('photos');
  const net = document.getElementById('net');
  net.textContent = navigator.onLine ? t.online : t.offline;
  net.classList.toggle('waiting', !navigator.onLine);
  const queue = document.getElementById('queue');
  queue.hidden = !waiting;
  queue.textContent = `${waiting} ${t.queue}`;
  const end = await store.until();
  document.getElementById('until').textContent = end && round
    ? `${t.carried} ${new Date(end).toLocaleTimeString(language === 'zh' ? 'zh-CN' : 'en-GB', { hour: '2-digit', minute: '2-digit' })}` : '';
}

const day = (text) => (text ? text.slice(0, 10) : null);

async function showBuildings() {
  round = null;
  let items;
  try {
    items = (await ask('/api/visits/buildings')).items;
    await store.put('rounds', 'buildings', items, hours);
  } catch (error) {
    items = await store.get('rounds', 'buildings');
    if (!items) { tell(wrong, navigator.onLine ? error.message : t.load_failed); return; }
  }
  const list = h('ul', { class: 'rows' });
  const fill = (words) => {
    const shown = items.filter((one) => `${one.compound ?? ''}${one.label}`.includes(words));
    list.replaceChildren(...shown.map((one) => h('li', {}, h('button', { type: 'button', class: 'row',
      onclick: () => showDoors(one.identifier, `${one.compound ?? ''}${one.label}`) },
    h('span', {}, h('b', {}, `${one.compound ?? ''}${one.label}`), h('small', {},
      `${one.doors} ${t.doors}`)),
    h('span', { class: one.never ? 'chip waiting' : 'chip' },
      one.never ? `${one.never} ${t.never}` : `${t.last} ${day(one.oldest)}`)))));
    if (!shown.length) list.append(h('li', { class: 'empty' }, t.empty));
  };
  app.replaceChildren(h('div', { class: 'head' }, h('h1', {}, t.my_buildings),
    h('button', { type: 'button', onclick: () => here(items) }, t.here)),
  h('input', { type: 'search', class: 'find', placeholder: t.find, 'aria-label': t.find,
    oninput: (event) => fill(event.target.value.trim()) }), list);
  fill('');
  status();
}

/** The position finds the building and is forgotten; it is sent to the lookup and kept nowhere. */
function here(items) {
  navigator.geolocation?.getCurrentPosition(async ({ coords }) => {
    try {
      const found = await ask(`/api/lookup/reverse?lon=${coords.longitude.toFixed(6)}&lat=${coords.latitude.toFixed(6)}`);
      const step = (found.place?.chain ?? []).find((one) => one.level === 'building');
      const mine = items.find((one) => one.identifier === step?.identifier);
      if (mine) showDoors(mine.identifier, `${mine.compound ?? ''}${mine.label}`);
      else tell(wrong, t.here_none);
    } catch { tell(wrong, t.load_failed); }
  }, () => tell(wrong, t.here_off), { enableHighAccuracy: true, timeout: 8000 });
}

async function showDoors(building, label) {
  try {
    round = { ...(await ask(`/api/visits/doors?building=${encodeURIComponent(building)}`)), label };
    await store.put('rounds', building, round, hours);
  } catch (error) {
    round = await store.get('rounds', building);
    if (!round) { tell(wrong, navigator.onLine ? error.message : t.load_failed); return; }
  }
  drawDoors();
}

async function drawDoors() {
  const queued = new Set((await store.all('queue')).map(([, one]) => one.unit));
  const due = (one) => (one.seen_at ? one.seen_at : '');
  const doors = [...round.doors].sort((a, b) => (due(a) < due(b) ? -1 : due(a) > due(b) ? 1 : 0));
  app.replaceChildren(h('div', { class: 'head' }, h('h1', {}, round.label),
    h('button', { type: 'button', onclick: showBuildings }, t.back)),
  h('ul', { class: 'rows' }, doors.map((one) => h('li', {}, h('button', { type: 'button', class: 'row',
    onclick: () => showDoor(one) },
  h('span', {}, h('b', {}, `${one.entrance ?? ''} ${one.label}`), h('small', {},
    [one.people.map((person) => person.name).join('、'),
      one.organizations.map((firm) => firm.name).join('、')].filter(Boolean).join(' · ') || t.nobody_known)),
  h('span', { class: one.waits || queued.has(one.unit) || !one.seen_at ? 'chip waiting' : 'chip' },
    queued.has(one.unit) ? t.queue.replace(/^条/, '') : one.waits ? t.waits_one
      : one.seen_at ? day(one.seen_at) : t.never_one))))));
  status();
  window.scrollTo(0, 0);
}

function showDoor(door) {
  app.replaceChildren(doorForm(door, { t, lists, photos, cancel: drawDoors,
    wrong: (text) => tell(wrong, text),
    save: (outcome, findings, taken) => keep(door, outcome, findings, taken)
      .catch((error) => tell(wrong, error.message)) }));
  window.scrollTo(0, 0);
}

async function keep(door, outcome, findings, taken) {
  if (await store.count('queue') >= most) { tell(wrong, t.full); return; }
  const key = crypto.randomUUID();
  const one = { key, unit: door.unit, outcome, base: door.base, seen_at: new Date().toISOString(),
    ...(findings.length ? { findings } : {}) };
  for (const image of taken) {
    await store.put('photos', crypto.randomUUID(), { visit: key, image }, hours);
  }
  await store.put('queue', key, one, hours);
  door.seen_at = one.seen_at;
  await store.put('rounds', round.building, round, hours);
  tell(said, t.kept);
  await drawDoors();
  await send();
}

/** Send what waits; what the server finds wrong is told, and taken off the queue. */
async function send() {
  if (!navigator.onLine) return;
  const waiting = await store.all('queue');
  try {
    const refused = waiting.length ? await sendVisits(waiting.map(([, one]) => one)) : [];
    const { sent, faults } = await sendPhotos(put);
    if (refused.length || faults.length) {
      tell(wrong, `${t.refused_some}: ${[...refused, ...faults].join(' ')}`);
    } else if (waiting.length || sent) tell(said, t.sent);
  } catch {
    // It stays, and is sent when there is a line.
  }
  status();
}

async function sendVisits(visits) {
  const { records } = await ask('/api/visits', { records: visits });
  for (const one of records) await store.drop('queue', one.key);
  return records.filter((one) => one.state === 'wrong').map((one) => one.why);
}

document.querySelector('form[action="/sign-out"]')?.addEventListener('submit', (event) => {
  event.preventDefault();
  store.wipe().finally(() => event.target.submit());
});
window.addEventListener('online', () => { status(); send(); });
window.addEventListener('offline', status);
setInterval(send, 30000);
setInterval(async () => { if (round && !(await store.until())) { await store.wipe(); tell(wrong, t.wiped); showBuildings(); } }, 60000);
navigator.serviceWorker?.register('/field/worker.js', { scope: '/field' }).catch(() => {});
store.carriedBy(user).then(showBuildings).then(send);
