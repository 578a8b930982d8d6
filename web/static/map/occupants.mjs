// Who is here: asked for by hand, with a purpose, never by itself; the server masks and records.
import * as api from './api.mjs';
import { h } from './dom.mjs';
import { setup, t } from './setup.mjs';

/** Return the section that asks, and shows the answer until it is put away. */
export function occupants(place) {
  const answer = h('div', { 'aria-live': 'polite' });
  const purpose = h('select', { name: 'purpose', required: true },
    Object.entries(setup.lists.purposes).map(([value, label]) => h('option', { value }, label)));
  const reference = h('input', { name: 'case', maxlength: 40, autocomplete: 'off' });
  const form = h('form', {
    onsubmit: (event) => {
      event.preventDefault();
      ask(place, purpose.value, reference.value.trim(), answer);
    },
  }, h('label', {}, t('purpose'), purpose), h('label', {}, t('case'), reference),
  h('button', { type: 'submit', class: 'primary' }, t('show_occupants')));
  return h('section', { class: 'occupants' }, h('h2', {}, t('occupants')),
    h('p', { class: 'note' }, t('occupants_note')), form, answer);
}

async function ask(place, purpose, reference, answer) {
  answer.replaceChildren(h('p', { class: 'note' }, t('loading')));
  try {
    const body = { purpose, ...(reference ? { case: reference } : {}) };
    const found = await api.post(`/api/places/${place.identifier}/occupants`, body);
    answer.replaceChildren(...shown(found, answer));
  } catch (error) {
    const denied = [403, 404].includes(error.status);
    const text = denied ? t('occupants_denied') : t('request_failed', error.message);
    answer.replaceChildren(h('p', { class: 'note', role: 'alert' }, text));
  }
}

function shown(found, answer) {
  const groups = groupsOf(found).filter(([, items]) => items.length);
  if (!groups.length) return [h('p', { class: 'note' }, t('occupants_none'))];
  const hide = h('button', { type: 'button', class: 'quiet',
    onclick: () => answer.replaceChildren() }, t('hide'));
  return [...groups.flatMap(([title, items]) => [h('h2', {}, `${title} · ${items.length}`),
    h('ul', { class: 'people' }, items.map(line))]), hide];
}

/** Residents, households and organizations, however the answer groups them. */
function groupsOf(found) {
  const take = (...names) => names.flatMap((name) => {
    const items = found?.[name]?.items ?? found?.[name];
    return Array.isArray(items) ? items : [];
  });
  return [[t('residents'), take('items', 'residents', 'persons')],
    [t('households'), take('households')],
    [t('organizations_here'), take('organizations', 'premises')],
    [t('rights'), take('rights', 'tenancies')]];
}

const SAID = ['relation', 'relation_to_head', 'sex', 'age_band', 'residency', 'kind', 'status',
  'id_number', 'phone', 'credit_code', 'number', 'from', 'to'];

function line(item) {
  const words = SAID.map((name) => item[name]).filter((value) => value !== null
    && value !== undefined && typeof value !== 'object' && value !== '')
    .map((value) => (['registered', 'living'].includes(value) ? t(value) : String(value)));
  const [first, ...rest] = words;
  return h('li', {}, h('b', {}, item.name ?? item.number ?? item.head ?? '—'),
    h('span', { class: 'tag' }, first ?? ''),
    rest.length ? h('span', { class: 'detail' }, rest.join(' · ')) : null);
}
