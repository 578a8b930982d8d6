// The work list and one order: what is pressing, what happened, and what happens next.
import * as api from '/static/map/api.mjs';
import { $, h, notice } from '/static/map/dom.mjs';
import { setup, t } from '/static/map/setup.mjs';
import { fill, put } from '/static/desk/places.mjs';
import { left, moment } from '/static/desk/times.mjs';

/** What each step asks for besides a note. */
const ASKS = {
  returned: ['reason'], passed: ['to', 'reason'], shared: ['to'], merged: ['into'],
  extended: ['by_time', 'reason'], paused: ['reason'], checked: ['ok', 'reason'],
  rated: ['rating'], reopened: ['reason'], rejected: ['reason'], retyped: ['service_code'],
};
const BUTTONS = ['accepted', 'on_site', 'done', 'checked', 'closed'];
let next = null;
let open = null;
let asked = 0;

fill($('status'), { active: t('active'), ...setup.lists.incident_status }, t('all'));
fill($('service'), setup.lists.service_code, t('all'));
fill($('level'), setup.lists.post_level, t('all'));
const query = new URLSearchParams(location.search);
$('receipt').value = query.get('receipt') ?? '';
$('status').value = $('receipt').value ? '' : 'active';

/** Show a page of orders; `limit` more where the list is only brought up to date. */
async function list(cursor = null, limit = 40) {
  const mine = ++asked;
  try {
    const found = await api.get('/api/incidents/orders', {
      status: $('status').value, service_code: $('service').value,
      receipt: $('receipt').value.trim(), overdue: $('overdue').checked ? 1 : null,
      level: $('level').value, limit, cursor });
    if (mine !== asked) return;
    const rows = found.items.map(row);
    if (cursor) $('orders').append(...rows);
    else $('orders').replaceChildren(...(rows.length ? rows : [h('li', { class: 'empty' }, t('no_orders'))]));
    next = found.next;
    $('more').hidden = !next;
    if (!cursor && !open && found.items.length === 1) show(found.items[0].identifier);
    const now = found.items.find(({ identifier }) => identifier === open?.identifier);
    if (now && !cursor) meanwhile(now);
  } catch (error) {
    $('orders').replaceChildren(h('li', { class: 'notice wrong' }, error.message));
  }
}

/** What an order looks like in the list: it has changed where this has. */
const looks = (order) => [order.status.code, order.owner.ref, order.finish_due, order.urged,
  order.level.code, order.helpers.length].join();

/** Somebody else has changed the order that is open: show it, unless a form is being filled in. */
function meanwhile(now) {
  if (looks(now) === looks(open)) return;
  if ($('order').querySelector('form.step')) notice('changed', t('changed_meanwhile'), { seconds: 12 });
  else show(now.identifier);
}

/** Bring the list up to date whenever an order changes anywhere, at most once a second. */
function live() {
  let waiting = 0;
  const stream = new EventSource('/api/incidents/stream');
  // A browser does not come back by itself after a refusal (too many are following): we do.
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(live, 30_000);
  });
  stream.addEventListener('incident', () => {
    waiting ||= setTimeout(() => {
      waiting = 0;
      list(null, Math.min(200, Math.max(40, $('orders').children.length)));
    }, 1000);
  });
}

function row(order) {
  const time = left(order);
  return h('li', {}, h('button', { type: 'button', 'data-id': order.identifier,
    'aria-current': String(open?.identifier === order.identifier),
    onclick: () => show(order.identifier, true) },
  h('b', {}, order.service.label), h('span', { class: `end ${time.kind}` }, time.text),
  h('span', { class: 'place' }, order.place?.full_label ?? order.address ?? order.area ?? ''),
  h('span', { class: 'end' }, order.status.label),
  h('span', { class: 'more' }, `${order.receipt} · ${order.owner.name}`),
  h('span', { class: 'more end' }, moment(order.received_at))));
}

async function show(identifier, focus = false) {
  try {
    open = await api.get(`/api/incidents/${encodeURIComponent(identifier)}`);
  } catch (error) {
    api.failed(error);
    return;
  }
  for (const one of $('orders').querySelectorAll('button')) {
    one.setAttribute('aria-current', String(one.dataset.id === open.identifier));
  }
  tell();
  if (focus) $('order').focus({ preventScroll: innerWidth > 960 });
}

function tell(step = null) {
  const time = left(open);
  const fact = (name, ...value) => (value.some(Boolean) ? [h('dt', {}, t(name)), h('dd', {}, ...value)] : []);
  put($('order'),
    h('h2', {}, open.service.label, ' ', h('span', { class: `chip ${time.kind}` }, time.text)),
    h('p', { class: 'spoken' }, open.place?.full_label ?? open.address ?? open.area ?? ''),
    h('div', { class: 'tags' }, h('span', { class: 'chip' }, open.status.label),
      h('span', { class: 'tag' }, open.level.label),
      open.urged ? h('span', { class: 'tag bad' }, `${t('urged')} ×${open.urged}`) : null,
      open.reopened ? h('span', { class: 'tag bad' }, `${t('reopened')} ×${open.reopened}`) : null,
      open.rating ? h('span', { class: 'tag good' }, open.rating.label) : null),
    open.description ? h('p', { class: 'words' }, open.description) : null,
    h('dl', { class: 'facts' }, fact('receipt', open.receipt), fact('external', open.external_number),
      fact('owner', open.owner.name), fact('helpers', open.helpers.map((one) => one.name).join('、')),
      fact('caller', [open.caller?.name, open.caller?.phone].filter(Boolean).join(' ')),
      fact('received_at', moment(open.received_at)),
      fact('on_site_due', open.on_site_due && moment(open.on_site_due)),
      fact('finish_due', moment(open.finish_due)),
      fact('map', open.place ? h('a', { href: `/map#u=${open.place.identifier}` }, t('open_map')) : null),
      open.photos.length ? fact('photos', open.photos.map((number, n) => h('a', { target: '_blank',
        href: `/api/incidents/${open.identifier}/photos/${number}` }, `${n + 1} `))) : []),
    open.next_steps.length ? h('p', { class: 'sub' }, t('next')) : null,
    h('div', { class: 'steps' }, sorted(open.next_steps).map((kind) => h('button', {
      type: 'button', class: BUTTONS.includes(kind) ? 'go' : '', 'aria-expanded': String(kind === step),
      onclick: () => tell(kind === step ? null : kind) }, setup.lists.order_step[kind]))),
    step ? form(step) : null,
    h('p', { class: 'sub' }, t('history')),
    h('ol', { class: 'log' }, [...open.log].reverse().map(entry)));
  if (step) $('order').querySelector('.step :is(input, select, textarea)')?.focus();
}

const sorted = (kinds) => kinds.filter((kind) => kind !== 'photo').sort((a, b) => rank(a) - rank(b));
const rank = (kind) => (BUTTONS.includes(kind) ? BUTTONS.indexOf(kind) : 9);

function entry(one) {
  const said = [one.to, one.said.reason, one.said.by_time, one.said.rating && setup.lists.satisfaction[one.said.rating]];
  return h('li', {}, h('b', {}, one.kind.label), ' ', said.filter(Boolean).join(' · '),
    one.note ? h('div', {}, one.note) : null, h('small', {}, `${moment(one.at)} · ${one.by}`));
}

function field(name) {
  const id = `step-${name}`;
  const label = h('label', { for: id }, name === 'service_code' ? t('service') : t(name));
  if (name === 'to') {
    return h('div', { class: 'field' }, label, h('select', { id, name }, h('option', { value: '' }, '—'),
      setup.units.map(([ref, unit]) => h('option', { value: ref }, unit))));
  }
  if (name === 'rating' || name === 'service_code') {
    const pairs = Object.entries(setup.lists[name === 'rating' ? 'satisfaction' : 'service_code']);
    return h('div', { class: 'field' }, label, h('select', { id, name },
      pairs.map(([value, word]) => h('option', { value }, word))));
  }
  if (name === 'ok') {
    return h('div', { class: 'field' }, h('label', {}, h('input', { id, name, type: 'checkbox', checked: true }), ' ', t('ok')));
  }
  return h('div', { class: 'field' }, label, h('input', { id, name, maxlength: 200 }));
}

function form(kind) {
  return h('form', { class: 'step', onsubmit: (event) => { event.preventDefault(); record(kind, event.target); } },
    (ASKS[kind] ?? []).map(field),
    h('div', { class: 'field' }, h('label', { for: 'step-note' }, t('note')),
      h('textarea', { id: 'step-note', name: 'note', rows: 2, maxlength: 4000 })),
    h('div', { class: 'acts' }, h('button', { class: 'go' }, setup.lists.order_step[kind]),
      h('button', { type: 'button', onclick: () => tell() }, t('cancel'))));
}

async function record(kind, element) {
  const said = { kind, version: open.version };
  for (const one of element.elements) {
    if (!one.name) continue;
    const value = one.type === 'checkbox' ? one.checked : one.value.trim();
    if (value !== '' && value !== false) said[one.name] = value;
  }
  try {
    const after = await api.post(`/api/incidents/${open.identifier}/events`, said);
    notice('done', t('done'));
    list();
    if (after.log) { open = after; tell(); } else { open = null; put($('order'), h('p', { class: 'empty' }, t('choose_order'))); }
  } catch (error) {
    notice('step', error.message, { seconds: 12 });
    if (error.status === 409) show(open.identifier);
  }
}

let typing = 0;
for (const id of ['status', 'service', 'level', 'overdue']) $(id).addEventListener('change', () => list());
$('receipt').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(() => list(), 250); });
$('filter').addEventListener('submit', (event) => { event.preventDefault(); list(); });
$('more').addEventListener('click', () => list(next));
list();
live();
