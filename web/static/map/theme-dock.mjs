// Below the map while a theme is shown: the slider through time, and the table that sorts and links.
import * as api from './api.mjs';
import { go } from './app.mjs';
import { announce, h } from './dom.mjs';
import { number, t } from './setup.mjs';

const ROWS_MOST = 300;
const SHOWN = ['parent', 'label', 'value', 'count', 'under', 'class_label'];
let panel = null;
let film = null;
let timer = null;
let sorted = { key: 'value', down: true };

/** Show the dock for an answer; `recolour(identifiers, frame)` puts a moment on the map. */
export function dock({ answer, query, recolour }) {
  stop();
  film = null;
  if (!panel) {
    panel = h('section', { class: 'panel theme-dock', 'aria-label': t('theme_dock') });
    document.body.append(panel);
  }
  const table = h('div', { class: 'theme-table' });
  panel.replaceChildren(answer.theme.timed ? slider(answer, query, recolour) : '', table);
  fill(table, answer);
  dock.choose = (identifier) => {
    table.querySelector(`[data-id="${CSS.escape(identifier)}"]`)?.scrollIntoView({ block: 'center' });
    for (const row of table.querySelectorAll('tr[data-id]')) {
      row.toggleAttribute('aria-current', row.dataset.id === identifier);
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
  rows.sort((a, b) => order(a[sorted.key], b[sorted.key]) * (sorted.down ? -1 : 1));
  const head = h('tr', {}, keys.map((key) => h('th', { scope: 'col',
    'aria-sort': key === sorted.key ? (sorted.down ? 'descending' : 'ascending') : null },
  h('button', { type: 'button', onclick: () => {
    sorted = { key, down: key === sorted.key ? !sorted.down : true };
    fill(table, answer);
  } }, answer.headings[key]))));
  table.replaceChildren(h('table', {}, h('thead', {}, head), h('tbody', {},
    rows.slice(0, ROWS_MOST).map((row) => h('tr', { 'data-id': row.identifier },
      keys.map((key) => cell(row, key, answer)))))));
}

function order(a, b) {
  if (a === null || b === null) return (b === null) - (a === null);
  return typeof a === 'number' ? a - b : String(a).localeCompare(String(b), undefined,
    { numeric: true });
}

function cell(row, key, answer) {
  const value = row[key];
  if (key === 'label' && answer.theme.level !== 'hexagon') {
    return h('td', {}, h('button', { type: 'button', class: 'link',
      onclick: () => go(row.identifier) }, value));
  }
  if (typeof value === 'number') return h('td', { class: 'figure' }, number(value));
  return h('td', {}, value ?? (key === 'value' ? t('theme_withheld') : ''));
}

/** The slider: asked for when it is first moved, for a film is a dozen maps. */
function slider(answer, query, recolour) {
  const label = h('output', {}, answer.legend.period);
  const bars = h('div', { class: 'theme-bars', 'aria-hidden': 'true' });
  const range = h('input', { type: 'range', min: 0, max: 11, value: 11, step: 1,
    'aria-label': t('theme_time'), oninput: () => show() });
  const wide = h('select', { 'aria-label': t('theme_window'), onchange: () => { film = null; show(); } },
    [1, 3, 6].map((n) => h('option', { value: n }, t('theme_window_n', n))));
  const play = h('button', { type: 'button', onclick: () => (timer ? stop() : start()) },
    t('theme_play'));
  async function show() {
    film ??= await api.get(`/api/themes/${encodeURIComponent(answer.theme.name)}/frames`,
      { ...query(), months: null, frames: 12, window: wide.value }).catch(api.failed);
    const frame = film?.frames[range.value];
    if (!frame) return;
    answer.legend.classes = film.legend.classes;
    recolour(film.identifiers, frame);
    const day = (text) => text.slice(0, 10);
    label.textContent = `${t('theme_span', day(frame.from), day(frame.to))} · ${number(frame.total)}`;
    const most = Math.max(...film.frames.map(({ total }) => total), 1);
    bars.replaceChildren(...film.frames.map(({ total }, i) => {
      const bar = h('i', { class: i === Number(range.value) ? 'now' : null });
      bar.style.height = `${(100 * total) / most}%`;
      return bar;
    }));
  }
  function start() {
    play.textContent = t('theme_stop');
    timer = setInterval(() => { range.value = (Number(range.value) + 1) % 12; show(); }, 800);
  }
  slider.stopped = () => { play.textContent = t('theme_play'); };
  return h('div', { class: 'theme-slider' }, play, h('div', {}, bars, range), wide, label);
}

function stop() {
  clearInterval(timer);
  timer = null;
  slider.stopped?.();
}

