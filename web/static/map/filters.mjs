// Filters of the map's layers, said as sentences: "use is dwelling", "storeys at least 12".
// They narrow what is drawn, nothing else; a layer of words that cannot be told apart is hidden.
import { app } from './app.mjs';
import { h } from './dom.mjs';
import { number, setup, t } from './setup.mjs';

const PARTS = { codes: ['is', 'not'], number: ['least', 'most'], text: ['holds'] };
/** Rules by layer: [{field, how, value}], all of which must hold. */
const rules = new Map();
/** Filters of the style itself, by id of the layer: ours are added to them. */
const own = new WeakMap();

const layerOf = (name) => setup.layers.find((one) => one.name === name);
const kindOf = (field) => (field.codes ? 'codes' : field.number ? 'number' : 'text');

/** Return the section that lists a layer's rules and adds one. */
export function filterControl(name, changed) {
  const box = h('div', { class: 'filters' });
  const again = () => {
    applyFilters();
    changed();
    fill();
  };
  const fill = () => box.replaceChildren(h('h3', {}, t('filter')),
    h('ul', {}, (rules.get(name) ?? []).map((rule) => h('li', {}, sentence(name, rule), h('button', {
      type: 'button', class: 'icon', 'aria-label': t('filter_drop', sentence(name, rule)),
      title: t('filter_drop', ''), onclick: () => {
        rules.set(name, rules.get(name).filter((one) => one !== rule));
        again();
      } }, '×')))), adder(name, again));
  fill();
  return box;
}

function adder(name, again) {
  const { filters } = layerOf(name);
  const field = h('select', { 'aria-label': t('filter_field'), onchange: () => offer() },
    filters.map((one, i) => h('option', { value: i }, one.title)));
  const rest = h('span', { class: 'rest' });
  const form = h('form', { class: 'adder', onsubmit: (event) => {
    event.preventDefault();
    const [how, value] = ['how', 'value'].map((key) => form.elements[key].value.trim());
    if (!value) return;
    rules.set(name, [...(rules.get(name) ?? []), { field: filters[field.value].field, how, value }]);
    again();
  } }, field, rest, h('button', { type: 'submit' }, t('filter_add')));
  const offer = () => {
    const one = filters[field.value];
    const how = h('select', { name: 'how', 'aria-label': t('filter_how') },
      PARTS[kindOf(one)].map((part) => h('option', { value: part }, t(`filter_${part}`))));
    const value = one.codes
      ? h('select', { name: 'value', 'aria-label': t('filter_value') },
        one.codes.map(([code, label]) => h('option', { value: code }, label)))
      : h('input', { name: 'value', 'aria-label': t('filter_value'), size: 6, maxlength: 40,
        ...(one.number ? { type: 'number', step: 'any' } : { type: 'text' }) });
    rest.replaceChildren(how, value);
  };
  offer();
  return form;
}

/** A rule in plain words. */
export function sentence(name, { field, how, value }) {
  const one = layerOf(name).filters.find((each) => each.field === field);
  const said = one.codes ? one.codes.find(([code]) => code === value)?.[1] ?? value
    : one.number ? `${number(Number(value))}${one.unit ? ` ${one.unit}` : ''}` : value;
  return [one.title, t(`filter_${how}`), said].join(setup.language === 'zh' ? '' : ' ');
}

function expression({ field, how, value }) {
  const got = ['get', field];
  return { is: ['==', got, value], not: ['!=', got, value],
    least: ['>=', ['to-number', got, -1e9], Number(value)],
    most: ['<=', ['to-number', got, 1e9], Number(value)],
    holds: ['in', value, ['to-string', ['coalesce', got, '']]] }[how];
}

/** Put every rule on the layers of the style that are drawn from the filtered layer. */
export function applyFilters() {
  const { map } = app;
  if (!map || !(rules.size || own.has(map.style))) return;
  if (!own.has(map.style)) own.set(map.style, new Map());
  const first = own.get(map.style);
  for (const { id, metadata, 'source-layer': content } of map.getStyle().layers) {
    if (!rules.has(metadata?.group) || !content) continue;
    if (!first.has(id)) first.set(id, map.getFilter(id) ?? null);
    const wanted = rules.get(metadata.group);
    const carried = layerOf(metadata.group)?.carried[content];
    const ours = wanted.map((rule) => (carried?.includes(rule.field) ? expression(rule) : false));
    const all = [first.get(id), ...ours].filter((one) => one !== null);
    map.setFilter(id, all.length ? ['all', ...all.map((one) => (one === false
      ? ['literal', false] : one))] : null);
  }
}

export function filtersText() {
  return [...rules].flatMap(([name, each]) => each.map(({ field, how, value }) => [name, field,
    how, value].map(encodeURIComponent).join('~'))).join(',');
}

export function restoreFilters(text) {
  for (const name of rules.keys()) rules.set(name, []);
  for (const part of text.split(',').filter(Boolean)) {
    const [name, field, how, value] = part.split('~').map(decodeURIComponent);
    const one = layerOf(name)?.filters.find((each) => each.field === field);
    if (!one || !PARTS[kindOf(one)].includes(how) || !value) continue;
    rules.set(name, [...(rules.get(name) ?? []), { field, how, value }]);
  }
  applyFilters();
}
