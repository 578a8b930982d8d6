// Who is here: asked for by hand, with a purpose, never by itself; the server masks and records.
import * as api from './api.mjs';
import { h } from './dom.mjs';
import { code, setup, t } from './setup.mjs';

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
  const residents = found.residents ?? [];
  const organizations = found.organizations ?? [];
  const count = found.residents_count ?? residents.length;
  if (!count && !organizations.length) return [note(t('occupants_none'))];
  const hide = h('button', { type: 'button', class: 'quiet',
    onclick: () => answer.replaceChildren() }, t('hide'));
  return [
    count ? h('h2', {}, `${t('residents')} · ${count}`) : null,
    count && !residents.length ? note(t('residents_only', count)) : null,
    residents.length ? h('ul', { class: 'people' }, residents.map(resident)) : null,
    organizations.length ? h('h2', {}, `${t('organizations_here')} · ${organizations.length}`)
      : null,
    organizations.length ? h('ul', { class: 'people' }, organizations.map(organization)) : null,
    hide,
  ].filter(Boolean);
}

const note = (text) => h('p', { class: 'note' }, text);

function resident(one) {
  const first = [code('sex', one.sex), one.age_band].filter(Boolean).join(' ');
  return line(one.name, code('residency_kind', one.residency), [
    first, code('relation_to_head', one.relation_to_head),
    one.household?.number && t('household', one.household.number), one.phone, one.id_number,
    one.place?.level === 'unit' ? one.place.label : null, since(one.from)]);
}

function organization(one) {
  return line(one.name, code('organization_kind', one.kind),
    [one.credit_code, one.phone, since(one.from)]);
}

const since = (from) => (from ? t('since', from) : null);

function line(name, tag, details) {
  return h('li', {}, h('b', {}, name ?? '—'), h('span', { class: 'tag' }, tag ?? ''),
    h('span', { class: 'detail' }, details.filter(Boolean).join(' · ')));
}
