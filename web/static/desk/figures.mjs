// The figures: every rate with its parts, every total with its rows.
import * as api from '/static/map/api.mjs';
import { $, h } from '/static/map/dom.mjs';
import { t } from '/static/map/setup.mjs';

const RATES = ['response', 'on_site', 'completion', 'on_time', 'satisfaction'];

function wish() {
  return { by: $('by').value, since: $('since').value, until: $('until').value };
}

function rate({ numerator, denominator, percent }) {
  return h('td', { class: 'rate' }, percent === null ? '–' : `${percent.toFixed(2)}%`,
    h('small', {}, `${numerator} / ${denominator}`));
}

function row(one, label, head = 'th') {
  return h('tr', {}, h(head, { scope: 'row' }, label), h('td', {}, String(one.received)),
    RATES.map((name) => rate(one.rates[name])));
}

async function show() {
  let found;
  try {
    found = await api.get('/api/incidents/figures', wish());
  } catch (error) {
    $('table').replaceChildren(h('p', { class: 'notice wrong' }, error.message));
    return;
  }
  for (const link of document.querySelectorAll('[data-format]')) {
    const query = new URLSearchParams(Object.entries({ ...wish(), format: link.dataset.format }).filter(([, v]) => v));
    link.href = `/api/incidents/figures/export?${query}`;
  }
  if (!found.total.received) {
    $('table').replaceChildren(h('p', { class: 'empty' }, t('no_figures')));
    return;
  }
  const { rounded } = found;
  $('table').replaceChildren(rounded ? h('p', { class: 'hint' }, t('figures_rounded',
    rounded.to, rounded.least, rounded.until.slice(0, 10))) : '', h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t(`by_${found.by}`)), h('th', { scope: 'col' }, t('received')),
      RATES.map((name) => h('th', { scope: 'col' }, t(name), h('small', {}, t(`${name}_help`)))))),
    h('tbody', {}, found.rows.map((one) => row(one, one.label)),
      found.residual.received ? row(found.residual, t('residual')) : null),
    h('tfoot', {}, row(found.total, t('total')))));
}

$('asked').addEventListener('submit', (event) => { event.preventDefault(); show(); });
$('by').addEventListener('change', show);
show();
