// Taking a report in, by keyboard: phone, place, words, service, save; then the receipt to read out.
import * as api from '/static/map/api.mjs';
import { $, announce, h, notice } from '/static/map/dom.mjs';
import { setup, t } from '/static/map/setup.mjs';
import { fill, put, suggestPlaces } from '/static/desk/places.mjs';
import { moment, span } from '/static/desk/times.mjs';

const POINT = /^\s*(-?\d{1,3}\.\d+)\s*[,，]\s*(-?\d{1,2}\.\d+)\s*$/;
let place = null;
let serviceChosen = false;
let choice = {};
let seen = null;
let call = newCall();

function newCall() {
  return `desk-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
}

fill($('service'), setup.lists.service_code, '—');
fill($('channel'), setup.lists.channel);
$('channel').value = 'hotline';
suggestPlaces($('where'), $('suggestions'), (found) => { place = found; choice = {}; look(); });

const later = { look: 0, guess: 0 };
let looks = 0;

function where() {
  const text = $('where').value.trim();
  if (place) return { place: place.identifier };
  const point = POINT.exec(text);
  if (point) return { point: `${point[1]},${point[2]}` };
  return text ? { address: text } : null;
}

/** Ask, a moment after the last key, whose it is and until when. */
function look() {
  clearTimeout(later.look);
  later.look = setTimeout(async () => {
    const spot = where();
    const service = $('service').value;
    if (!spot || !service) { seen = null; tell(); return; }
    const mine = ++looks;
    try {
      const found = await api.post('/api/incidents/preview', { service_code: service, ...spot, ...choice });
      if (mine === looks) { seen = found; tell(); }
    } catch (error) {
      if (mine !== looks) return;
      seen = null;
      put($('answer'), h('p', { class: 'notice wrong' }, error.message));
    }
  }, 150);
}

function tell() {
  if (!seen) {
    put($('answer'), h('p', { class: 'empty' }, t('nowhere')));
    return;
  }
  const { place: found, owner, posts } = seen;
  put($('answer'),
    h('p', { class: 'spoken' }, found?.full_label ?? $('where').value),
    asked('grid', seen.grids), asked('agency', seen.agencies),
    h('dl', { class: 'facts' },
      h('dt', {}, t('owner')), h('dd', {}, h('b', {}, owner.name), owner.phone ? ` ${owner.phone}` : '',
        (seen.duty ?? []).map(({ who }) => h('div', {}, `${t('duty')} ${who}`))),
      h('dt', {}, t('grid')), h('dd', {}, seen.grids.map((one) => one.name).join(' / ') || t('none')),
      h('dt', {}, t('on_site_due')), h('dd', {}, due(seen.on_site_due)),
      h('dt', {}, t('finish_due')), h('dd', {}, due(seen.finish_due))),
    seen.sensitive ? h('p', { class: 'hint' }, t('sensitive')) : null,
    seen.alike.length ? h('p', { class: 'sub late' }, t('alike')) : null,
    seen.alike.length ? h('ul', { class: 'plain-list' }, seen.alike.map(alike)) : null,
    posts.length ? h('p', { class: 'sub' }, t('posts')) : null,
    posts.length ? h('ul', { class: 'plain-list' }, posts.map((one) => h('li', {},
      setup.lists.post_role[one.role] ?? one.role, h('small', {}, `${one.name ?? ''} ${one.phone ?? ''}`)))) : null);
}

function due(text) {
  return text ? `${moment(text)}（${span(new Date(text) - Date.now())}）` : t('none');
}

function alike(one) {
  const how = one.how === 'near' ? t('alike_near', one.metres) : t(`alike_${one.how}`);
  return h('li', {}, h('a', { href: `/desk/orders?receipt=${one.receipt}`, target: '_blank' }, one.receipt),
    h('small', {}, `${how} · ${one.status} · ${moment(one.received_at)}`));
}

function asked(name, several) {
  if (several.length < 2 && !choice[name]) return null;
  if (!seen.asks.includes(name) && !choice[name]) return null;
  return h('fieldset', { class: 'ask' }, h('legend', {}, t(`asks_${name}`)), several.map((one) => h('label', {},
    h('input', { type: 'radio', name, value: one.ref, checked: choice[name] === one.ref,
      onchange: () => { choice[name] = one.ref; look(); } }), one.name)));
}

// The phone of the caller in hand proposes the dwelling, read back as a question.
async function propose() {
  const phone = $('phone').value.replace(/[\s-]/g, '');
  const box = $('proposal');
  box.hidden = true;
  if (!phone) return;
  let found;
  try {
    found = await api.post('/api/lookup/person', { phone, purpose: 'service', call });
  } catch (error) {
    notice('phone', error.status === 403 ? error.message : t('phone_wrong'));
    return;
  }
  const home = found.items.find((one) => one.place?.level === 'unit') ?? found.items.find((one) => one.place);
  box.hidden = false;
  if (!home) {
    put(box, h('p', {}, t('unknown_phone')));
    return;
  }
  const yes = h('button', { type: 'button', class: 'go', onclick: () => {
    place = home.place;
    $('where').value = home.place.full_label;
    box.hidden = true;
    look();
    $('what').focus();
  } }, t('yes'));
  put(box,
    h('p', {}, t('of_caller', home.name ?? '', home.place.full_label), h('br'), h('b', {}, t('is_it', home.place.full_label))),
    h('div', { class: 'acts' }, yes,
      h('button', { type: 'button', onclick: () => { box.hidden = true; $('where').focus(); } }, t('no'))));
  yes.focus();
  announce(t('is_it', home.place.full_label));
}

function guess() {
  clearTimeout(later.guess);
  later.guess = setTimeout(async () => {
    const description = $('what').value.trim();
    if (description.length < 2) { $('guesses').hidden = true; return; }
    const { items } = await api.post('/api/incidents/guess', { description }).catch(() => ({ items: [] }));
    if (!serviceChosen && items.length && $('service').value !== items[0].code) {
      $('service').value = items[0].code;
      look();
    }
    $('guesses').hidden = !items.length;
    $('guesses').replaceChildren(...items.map((one) => h('button', {
      type: 'button', 'aria-pressed': String($('service').value === one.code),
      onclick: () => { serviceChosen = true; $('service').value = one.code; look(); guess(); } },
    one.label, h('small', {}, one.words.join('、')))));
  }, 250);
}

function missing() {
  if (!where()) return ['where', t('need_where')];
  if (!$('service').value) return ['service', t('need_service')];
  if (seen?.asks.includes('grid')) return ['answer', t('need_grid')];
  if (seen?.asks.includes('agency')) return ['answer', t('need_agency')];
  return null;
}

async function save() {
  const lack = missing();
  if (lack) {
    notice('lack', lack[1]);
    $(lack[0]).querySelector?.('input')?.focus();
    $(lack[0]).focus?.();
    return;
  }
  $('save').disabled = true;
  const said = { service_code: $('service').value, channel: $('channel').value, ...where(), ...choice };
  if (place && $('where').value.trim()) said.address = $('where').value.trim();
  for (const [name, id] of [['description', 'what'], ['caller_name', 'who'], ['caller_phone', 'phone']]) {
    if ($(id).value.trim()) said[name] = $(id).value.trim();
  }
  try {
    const order = await api.post('/api/incidents', said);
    again();
    put($('answer'), h('div', { class: 'kept' }, h('p', { class: 'notice right' }, t('saved')),
      h('output', {}, order.receipt), h('p', {}, t('read_out')),
      h('p', {}, `${order.owner.name} · ${t('finish_due')} ${moment(order.finish_due)}`),
      h('p', {}, h('a', { href: `/desk/orders?receipt=${order.receipt}` }, t('orders')))));
    announce(`${t('saved')} ${order.receipt}`, true);
  } catch (error) {
    notice('save', error.body?.violations?.join('\n') ?? error.message, { seconds: 12 });
    look();
  } finally {
    $('save').disabled = false;
  }
}

function again() {
  $('form').reset();
  $('channel').value = 'hotline';
  [place, serviceChosen, choice, seen, call] = [null, false, {}, null, newCall()];
  $('proposal').hidden = true;
  $('guesses').hidden = true;
  tell();
  $('phone').focus();
}

$('what').addEventListener('input', guess);
$('service').addEventListener('change', () => { serviceChosen = true; look(); guess(); });
$('where').addEventListener('change', look);
$('again').addEventListener('click', again);
$('form').addEventListener('submit', (event) => event.preventDefault());
$('save').addEventListener('click', save);
const order = ['phone', 'who', 'where', 'what', 'service', 'channel', 'save'];
document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.key !== 'Enter') return;
  if (event.ctrlKey || event.metaKey) { event.preventDefault(); save(); return; }
  const here = order.indexOf(event.target.id);
  if (here < 0 || event.target.id === 'save' || event.target.id === 'what') return;
  event.preventDefault();
  if (event.target.id === 'phone') propose();
  $(order[here + 1]).focus();
});
