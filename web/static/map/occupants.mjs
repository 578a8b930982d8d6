// Who is here: asked for by hand, with a purpose, never by itself; the server masks and records.
import * as api from './api.mjs';
import { buildingOf } from './app.mjs';
import { h } from './dom.mjs';
import { filling, personal } from './idle.mjs';
import { casesAt } from './incidents.mjs';
import { moment } from './moment.mjs';
import { personLine } from './person.mjs';
import { reasonFields } from './reason.mjs';
import { code, t } from './setup.mjs';

/** Return the section that asks, and shows the answer until it is put away. */
export function occupants(place) {
  const answer = personal(h('div', { 'aria-live': 'polite' }));
  const reason = reasonFields({ call: true, cases: casesAt(buildingOf(place)) });
  const form = h('form', {
    onsubmit: (event) => {
      event.preventDefault();
      ask(place, reason.read, answer);
    },
  }, ...reason.elements,
  h('button', { type: 'submit', class: 'primary' }, t('show_occupants')));
  return h('section', { class: 'occupants' }, h('h2', {}, t('occupants')),
    h('p', { class: 'note' }, t('occupants_note')), form, answer);
}

async function ask(place, reason, answer) {
  const fill = filling(answer);
  fill(h('p', { class: 'note' }, t('loading')));
  try {
    const found = await api.post(`/api/places/${place.identifier}/occupants`,
      { ...reason(), ...(moment.day ? { at: moment.day } : {}) });
    fill(...shown(found, answer, reason));
  } catch (error) {
    const denied = [403, 404].includes(error.status);
    const text = denied ? t('occupants_denied') : t('request_failed', error.message);
    fill(h('p', { class: 'note', role: 'alert' }, text));
  }
}

function shown(found, answer, reason) {
  const residents = found.residents ?? [];
  const organizations = found.organizations ?? [];
  const count = found.residents_count ?? residents.length;
  if (!count && !organizations.length) return [note(t('occupants_none'))];
  const hide = h('button', { type: 'button', class: 'quiet',
    onclick: () => answer.replaceChildren() }, t('hide'));
  return [
    count ? h('h2', {}, `${t('residents')} · ${count}`) : null,
    count && !residents.length ? note(t('residents_only', count)) : null,
    residents.length ? h('ul', { class: 'people' },
      residents.map((one) => resident(one, reason))) : null,
    organizations.length ? h('h2', {}, `${t('organizations_here')} · ${organizations.length}`)
      : null,
    organizations.length ? h('ul', { class: 'people' }, organizations.map(organization)) : null,
    hide,
  ].filter(Boolean);
}

const note = (text) => h('p', { class: 'note' }, text);

function resident(one, reason) {
  return personLine(one, { tag: code('residency_kind', one.residency), reason, details: [
    code('relation_to_head', one.relation_to_head),
    one.household?.number && t('household', one.household.number),
    one.place?.level === 'unit' ? one.place.label : null, since(one.from)] });
}

function organization(one) {
  return h('li', {}, h('b', {}, one.name ?? '—'),
    h('span', { class: 'tag' }, code('organization_kind', one.kind)),
    h('span', { class: 'detail' }, [one.credit_code, one.phone, since(one.from)]
      .filter(Boolean).join(' · ')));
}

const since = (from) => (from ? t('since', from) : null);
