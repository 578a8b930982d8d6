// What belongs to a place besides its own facts: open incidents, whom to call, what is near, and
// how it came to be as it is. Each part asks when it is looked at.
import * as api from './api.mjs';
import { go, buildingOf } from './app.mjs';
import { h } from './dom.mjs';
import { incidentRow, incidentsAt } from './incidents.mjs';
import { dated } from './moment.mjs';
import { date, known, number, t } from './setup.mjs';

/** Return the sections of the panel that tell what is round a place. */
export function surroundings(place) {
  const near = h('section', { class: 'around' });
  if (place.point) fillNear(place, near);
  return [incidents(place), near, history(place)];
}

function incidents(place) {
  const building = buildingOf(place);
  const found = building ? incidentsAt(building) : [];
  if (!found.length) return null;
  return h('section', {}, h('h2', {}, t('incidents_here')),
    h('ul', { class: 'rows' }, found.map((one) => incidentRow(one))));
}

async function fillNear(place, into) {
  let found;
  try {
    found = await api.get(`/api/places/${place.identifier}/around`, dated());
  } catch {
    return;
  }
  const { posts, facilities } = found;
  into.replaceChildren(...[
    posts.length ? fold(t('posts'), posts.slice(0, 4).map(post), posts.slice(4).map(post)) : null,
    facilities.length ? fold(t('nearest'), facilities.slice(0, 4).map(facility),
      facilities.slice(4).map(facility)) : null,
  ].filter(Boolean).flat());
}

/** A list whose later half opens on demand. */
function fold(title, first, rest) {
  return [h('h2', {}, title), h('ul', { class: 'pairs' }, first), rest.length
    ? h('details', {}, h('summary', {}, t('more', rest.length)), h('ul', { class: 'pairs' }, rest))
    : null].filter(Boolean);
}

function post({ role, name, phone, area }) {
  return h('li', {}, h('span', { class: 'tag' }, role), h('span', {}, [name ?? t('vacant'),
    h('span', { class: 'more' }, area.label)].flat()), phone
    ? h('a', { href: `tel:${phone.replace(/[^\d+]/g, '')}` }, phone) : null);
}

function facility({ identifier, kind_label: kind, label, metres, phone }) {
  const away = metres < 1000 ? t('metre', number(metres)) : t('kilometre', number(metres / 1000));
  return h('li', {}, h('span', { class: 'tag' }, kind), h('button', { type: 'button', class: 'link',
    title: phone ?? null, onclick: () => go(identifier) }, label), h('span', {}, away));
}

function history(place) {
  const list = h('ol', { class: 'line-of-time' });
  const box = h('details', { class: 'history', ontoggle: () => {
    if (box.open && !list.childElementCount) fillHistory(place, list);
  } }, h('summary', {}, h('h2', {}, t('history'))), list);
  return box;
}

async function fillHistory(place, list) {
  list.replaceChildren(h('li', { class: 'note' }, t('loading')));
  try {
    const { items } = await api.get(`/api/places/${place.identifier}/history`);
    list.replaceChildren(...items.map((one, i) => version(one, i === items.length - 1,
      place.fields ?? {})));
  } catch (error) {
    list.replaceChildren(h('li', { class: 'note' }, error.message));
  }
}

function version(one, isFirst, fields) {
  const changes = one.changed.map(({ field, from, to }) => {
    const name = fields[field]?.title ? fields[field].title[document.documentElement.lang
      .startsWith('zh') ? 'zh' : 'en'] : known(`changed_${field}`) ? t(`changed_${field}`) : field;
    return from === undefined && to === undefined ? name
      : t('changed_value', name, from ?? t('nothing'), to ?? t('nothing'));
  });
  const world = one.valid_from || one.valid_to
    ? t('in_force', one.valid_from ? date(one.valid_from) : '…',
      one.valid_to ? date(one.valid_to) : t('until_now')) : '';
  return h('li', { class: one.present ? 'now' : null },
    h('time', { datetime: one.creation_date }, date(one.creation_date)),
    h('p', {}, isFirst ? t('recorded_first') : changes.join('；') || t('changed_nothing')),
    h('p', { class: 'more' }, [world, one.by, one.why, one.source].filter(Boolean).join(' · ')));
}
