// How a person is shown: as the server masks them, and one field in full for a purpose and a case.
import * as api from './api.mjs';
import { announce, h } from './dom.mjs';
import { code, setup, t } from './setup.mjs';

/** Return the line of one person; `reason()` gives purpose and case for showing a field. */
export function personLine(one, { tag = '', details = [], reason, choose = null }) {
  const first = [code('sex', one.sex), one.age_band].filter(Boolean).join(' ');
  const said = [first, one.former_name && t('formerly', one.former_name), ...details, one.phone,
    one.id_number].filter(Boolean).join(' · ');
  const name = choose ? h('button', { type: 'button', class: 'link', onclick: choose },
    one.name ?? '—') : h('b', {}, one.name ?? '—');
  return h('li', {}, name, h('span', { class: 'tag' }, tag),
    h('span', { class: 'detail' }, said), one.ref ? reveal(one, reason) : null);
}

function reveal(one, reason) {
  if (!setup.may.reveals.length) return null;
  const shown = h('span', { class: 'revealed', 'aria-live': 'polite' });
  const buttons = setup.may.reveals.map((field) => h('button', { type: 'button', class: 'quiet',
    onclick: () => show(one, field, reason(), shown) }, t(`field_${field}`)));
  return h('details', { class: 'reveal' }, h('summary', {}, t('reveal')),
    h('p', { class: 'note' }, t('reveal_note')), h('p', { class: 'fields' }, buttons), shown);
}

async function show(one, field, { purpose, case: reference }, into) {
  if (!reference) {
    into.textContent = t('reveal_case');
    return;
  }
  into.textContent = t('loading');
  try {
    const found = await api.post(`/api/persons/${encodeURIComponent(one.ref)}/reveal`,
      { field, purpose, case: reference });
    if (!into.isConnected) return;
    into.textContent = `${t(`field_${field}`)} · ${found.value ?? t('not_recorded')}`;
    announce(into.textContent);
  } catch (error) {
    into.textContent = error.message;
  }
}
