// Below the map while a theme is shown: the slider through time, and the table that sorts and links.
import * as api from './api.mjs';
import { go } from './app.mjs';
import { announce, h } from './dom.mjs';
import { byName, number, t } from './setup.mjs';

const ROWS_MOST = 300;
/** Steps of a film and the windows offered, by the unit it walks in. */
const FILMS = { month: { frames: 12, windows: [1, 3, 6] }, week: { frames: 26, windows: [1, 4] },
  day: { frames: 31, windows: [1, 7] } };
const SHOWN = ['parent', 'label', 'value', 'count', 'under', 'class_label'];
let panel = null;
let film = null;
let timer = null;
let marked = '';
let sorted = { key: 'value', down: true };

/** Show the dock for an answer.
 *
 * `recolour(identifiers, frame)` puts a moment on the map, `choose(identifier)` rings an area. */
export function dock({ answer, query, recolour, choose }) {
  stop();
  film = null;
  if (!panel) {
    panel = h('section', { class: 'panel theme-dock', 'aria-label': t('theme_dock') });
    document.body.append(panel);
  }
  const table = h('div', { class: 'theme-table' });
  const again = (identifiers, frame) => { recolour(identifiers, frame); fill(table, answer); };
  panel.replaceChildren(answer.theme.timed ? slider(answer, query, again) : '', table);
  fill(table, answer);
  dock.choose = (identifier) => {
    choose(identifier);
    marked = identifier;
    // The row may be below those that are shown: then it comes to the top.
    if (!table.querySelector(`[data-id="${CSS.escape(identifier)}"]`)) fill(table, answer);
    table.querySelector(`[data-id="${CSS.escape(identifier)}"]`)?.scrollIntoView({ block: 'center' });
    for (const row of table.querySelectorAll('tr[data-id]')) {
      if (row.dataset.id === identifier) row.setAttribute('aria-current', 'true');
      else row.removeAttribute('aria-current');
    }
    const one = answer.features.find(({ properties }) => properties.identifier === identifier);
    if (one) announce(`${one.properties.label} ${number(one.properties.value ?? 0)}`);
  };
}

export function dockGone() {
  stop();
  panel?.remove();
  panel = null;
}

function fill(table, answer) {
  const keys = SHOWN.filter((key) => key in answer.headings);
  const rows = answer.features.map(({ properties }) => properties)
    .filter(({ value, flag }) => value !== null || flag === 'suppressed');
  rows.sort((a, b) => order(a[sorted.key], b[sorted.key], sorted.down));
  const far = rows.slice(ROWS_MOST).find(({ identifier }) => identifier === marked);
  const head = h('tr', {}, keys.map((key) => h('th', { scope: 'col',
    'aria-sort': key === sorted.key ? (sorted.down ? 'descending' : 'ascending') : null },
  h('button', { type: 'button', onclick: () => {
    sorted = { key, down: key === sorted.key ? !sorted.down : true };
    fill(table, answer);
  } }, answer.headings[key]))));
  table.replaceChildren(h('table', {}, h('thead', {}, head), h('tbody', {},
    [...(far ? [far] : []), ...rows.slice(0, ROWS_MOST)].map((row) => h('tr', {
      'data-id': row.identifier, 'aria-current': row.identifier === marked ? 'true' : null,
      onclick: () => dock.choose(row.identifier) }, keys.map((key) => cell(row, key, answer)))))),
  rows.length > ROWS_MOST ? h('p', {}, t('theme_more', number(ROWS_MOST), number(rows.length))) : '');
}

/** Compare two cells; what has no figure comes last, whichever way is sorted. */
function order(a, b, down) {
  if (a === null || b === null) return (a === null) - (b === null);
  const way = typeof a === 'number' ? a - b : byName(String(a), String(b));
  return down ? -way : way;
}

function cell(row, key, answer) {
  const value = row[key];
  if (key === 'label' && answer.theme.level !== 'hexagon') {
    return h('td', {}, h('button', { type: 'button', class: 'link',
      onclick: (event) => { event.stopPropagation(); go(row.identifier); } }, value));
  }
  if (typeof value === 'number') return h('td', { class: 'figure' }, number(value));
  return h('td', {}, value ?? (key === 'value' ? t('theme_withheld') : ''));
}

/** The slider: asked for when it is first moved, for a film is a dozen maps. */
function slider(answer, query, recolour) {
  const label = h('output', {}, answer.legend.period);
  const bars = h('div', { class: 'theme-bars', 'aria-hidden': 'true' });
  const range = h('input', { type: 'range', min: 0, step: 1, 'aria-label': t('theme_time'),
    oninput: () => show() });
  const unit = h('select', { 'aria-label': t('theme_unit'), class: 'theme-unit', onchange: () => {
    offer();
    show();
  } }, Object.keys(FILMS).map((name) => h('option', { value: name }, t(`theme_unit_${name}`))));
  const wide = h('select', { 'aria-label': t('theme_window'), class: 'theme-window',
    onchange: () => { film = null; show(); } });
  const play = h('button', { type: 'button', onclick: () => (timer ? stop() : start()) },
    t('theme_play'));
  function offer() {
    const { frames, windows } = FILMS[unit.value];
    film = null;
    range.max = frames - 1;
    range.value = frames - 1;
    wide.replaceChildren(...windows.map((n) => h('option', { value: n },
      t(`theme_window_${unit.value}`, n))));
  }
  async function show() {
    film ??= api.get(`/api/themes/${encodeURIComponent(answer.theme.name)}/frames`,
      { ...query(), months: null, frames: FILMS[unit.value].frames, unit: unit.value,
        window: wide.value });
    const asked = film;
    const found = await asked.catch((error) => { stop(); film = null; api.failed(error); });
    if (!found || asked !== film) return;
    range.max = found.frames.length - 1;
    const frame = found.frames[range.value];
    answer.legend.classes = found.legend.classes;
    recolour(found.identifiers, frame);
    tell(label, frame, answer.legend.boundary);
    chart(bars, found.frames, Number(range.value));
  }
  function start() {
    play.textContent = t('theme_stop');
    timer = setInterval(async () => {
      range.value = range.value === range.max ? 0 : Number(range.value) + 1;
      await show();
    }, 800);
  }
  slider.stopped = () => { play.textContent = t('theme_play'); };
  offer();
  return h('div', { class: 'theme-slider' }, play, h('div', {}, bars, range), unit, wide, label);
}

/** Say which period is shown, of which borders, and whether it runs still. */
function tell(label, frame, boundary) {
  const day = (text) => text.slice(0, 10);
  // What ends at midnight has the day before as its last.
  const last = frame.to.slice(11, 19) === '00:00:00'
    ? day(new Date(Date.parse(`${day(frame.to)}T00:00Z`) - 86_400_000).toISOString()) : day(frame.to);
  label.replaceChildren(`${t('theme_span', day(frame.from), last)} · ${number(frame.total)}`,
    frame.incomplete ? h('b', {}, ` · ${t('theme_incomplete')}`) : '', ` · ${boundary}`);
}

/** Events of each step as bars, the one that is shown marked; what runs still is hatched. */
function chart(bars, frames, shown) {
  const most = Math.max(...frames.map(({ total }) => total), 1);
  bars.replaceChildren(...frames.map(({ total, incomplete }, i) => {
    const bar = h('i', { class: [i === shown ? 'now' : '', incomplete ? 'running' : ''].join(' ') });
    bar.style.height = `${(100 * total) / most}%`;
    return bar;
  }));
}

function stop() {
  clearInterval(timer);
  timer = null;
  slider.stopped?.();
}

