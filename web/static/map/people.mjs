// Looking for a person: by ID number, name or phone, for a purpose. What is typed goes in the
// body of a request and nowhere else: not in the address bar, not in what the page remembers.
import * as api from './api.mjs';
import { go } from './app.mjs';
import { $, announce, h } from './dom.mjs';
import { filling, personal } from './idle.mjs';
import { personLine } from './person.mjs';
import { reasonFields } from './reason.mjs';
import { code, setup, t } from './setup.mjs';

const TERMS = ['id_number', 'name', 'phone'];
const LIKE = { id_number: /^\d{15}$|^\d{17}[\dXx]$/, phone: /^1\d{10}$|^0\d{2,3}-?\d{7,8}$/ };

/** What a text would be of a person: 'id_number', 'phone' or null. */
export function personTerm(text) {
  const plain = text.normalize('NFKC').replace(/[\s-]/g, '');
  if (LIKE.id_number.test(plain)) return 'id_number';
  return LIKE.phone.test(plain) ? 'phone' : null;
}

export function startPeople() {
  if (!setup.may.persons) return;
  $('people-button').hidden = false;
  $('people-button').addEventListener('click', () => {
    if ($('people').hidden) openPeople();
    else closePeople();
  });
}

export function closePeople() {
  $('people').hidden = true;
  $('people').replaceChildren();
  $('people-button').setAttribute('aria-expanded', 'false');
}

/** Show the form, the term filled in where one was already typed. */
export function openPeople(term = 'name', value = '') {
  const answer = personal(h('div', { class: 'people-answer', 'aria-live': 'polite' }));
  const kind = h('div', { class: 'kinds', role: 'radiogroup', 'aria-label': t('person_by') },
    TERMS.map((one) => h('label', {}, h('input', { type: 'radio', name: 'term', value: one,
      checked: one === term, onchange: () => narrow() }), t(`field_${one}`))));
  const text = h('input', { name: 'value', required: true, maxlength: 100, autocomplete: 'off',
    spellcheck: 'false', 'aria-label': t('person_value') });
  text.value = value;
  const street = h('input', { name: 'street', maxlength: 100, autocomplete: 'off' });
  const born = h('input', { name: 'birth_year', type: 'number', min: 1850, max: 2200 });
  const narrower = h('div', { class: 'narrower' }, h('label', {}, t('person_street'), street),
    h('label', {}, t('person_born'), born));
  const reason = reasonFields({ call: true });
  const narrow = () => { narrower.hidden = picked() !== 'name'; };
  const picked = () => kind.querySelector('input:checked').value;
  const form = h('form', { onsubmit: (event) => {
    event.preventDefault();
    const body = { [picked()]: text.value.trim(), ...reason.read() };
    if (picked() === 'name' && street.value.trim()) body.street = street.value.trim();
    if (picked() === 'name' && born.value) body.birth_year = Number(born.value);
    find(body, answer, reason.read);
  } }, kind, text, narrower, ...reason.elements,
  h('button', { type: 'submit', class: 'primary' }, t('person_find')));
  narrow();
  $('people').replaceChildren(h('div', { class: 'side-head' }, h('h1', {}, t('person_title')),
    h('button', { type: 'button', class: 'icon', title: t('close'), 'aria-label': t('close'),
      onclick: () => { closePeople(); $('q').focus(); } }, '×')),
  h('p', { class: 'note' }, t('occupants_note')), form, answer);
  $('people').hidden = false;
  $('people-button').setAttribute('aria-expanded', 'true');
  text.focus();
}

async function find(body, answer, reason) {
  const fill = filling(answer);
  fill(h('p', { class: 'note' }, t('searching')));
  try {
    const found = await api.post('/api/lookup/person', body);
    if (fill(...shown(found, reason))) announce(t('person_count', found.items.length));
  } catch (error) {
    fill(h('p', { class: 'note wrong', role: 'alert' },
      error.status ? error.message : t('offline')));
  }
}

function shown({ items, asks = [], remarks = [] }, reason) {
  const notes = [...remarks.map((one) => (typeof one === 'string' ? one : one.text ?? '')),
    asks.length ? t('person_asks') : ''].filter(Boolean).map((text) => h('p', { class: 'note' },
    text));
  if (!items.length) return [h('p', { class: 'note' }, t('person_none')), ...notes];
  return [...notes, h('ul', { class: 'people' }, items.map((one) => personLine(one, {
    reason, tag: code('residency_kind', one.residencies?.[0]?.kind),
    details: [one.place?.full_label ?? one.place?.label],
    choose: one.place?.identifier ? () => go(one.place.identifier) : null })))];
}
