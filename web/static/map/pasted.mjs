// A pasted list of addresses: a table with what each one means, pins on the map, and a CSV.
import * as api from './api.mjs';
import { app, go } from './app.mjs';
import { boundsOf, fitted } from './camera.mjs';
import { $, announce, h, notice } from './dom.mjs';
import { register } from './overlays.mjs';
import { levelName } from './panel.mjs';
import { palette, t } from './setup.mjs';
import { isFlat, padding } from './view.mjs';

const MOST = 2000;
const COLUMNS = ['address', 'match_class', 'confidence', 'level', 'standard_address', 'ref',
  'unmatched', 'faults'];
const NOTHING = { type: 'FeatureCollection', features: [] };
let rows = [];
let data = NOTHING;

const overlay = register({
  id: 'pasted', title: t('pasted'), about: t('pasted_about'), slot: 'labels',
  sources: () => ({ pasted: { type: 'geojson', data, promoteId: 'identifier' } }),
  layers: () => [{ id: 'pasted-spot', source: 'pasted', type: 'circle', paint: {
    'circle-radius': 8, 'circle-color': ['match', ['get', 'class'], 'A', palette().accent, 'B',
      palette().accent, 'C', palette().incident[1], palette().text2],
    'circle-stroke-color': palette().halo, 'circle-stroke-width': 2 } },
  { id: 'pasted-number', source: 'pasted', type: 'symbol', layout: {
    'text-field': ['get', 'row'], 'text-size': 10, 'text-font': ['Noto Sans SC Bold',
      'Noto Sans SC Variable', 'sans-serif'], 'text-allow-overlap': true },
  paint: { 'text-color': palette().on_accent } }],
  pick: ({ properties }) => { go(properties.identifier); return true; },
});

/** Ask what each line means; show the table at once, and fill it when the answers are there. */
export async function openPasted(lines) {
  const wanted = lines.slice(0, MOST);
  frame(h('p', { class: 'note' }, t('pasted_asking', wanted.length)), wanted.length);
  if (lines.length > MOST) notice('pasted', t('pasted_most', MOST));
  try {
    rows = await resolved(wanted);
    await pin();
    fill();
  } catch (error) {
    frame(h('p', { class: 'note wrong', role: 'alert' },
      error.status ? error.message : t('offline')), wanted.length);
  }
}

async function resolved(lines) {
  const body = lines.map((address) => JSON.stringify({ address })).join('\n');
  const text = await api.send('/api/lookup/address/batch', body, 'application/x-ndjson');
  return text.trim().split('\n').map((line) => JSON.parse(line));
}

async function pin() {
  const refs = rows.map(({ ref }) => ref).filter(Boolean);
  const found = refs.length
    ? await api.post('/api/map/pins', { places: refs.join(',') }) : NOTHING;
  const places = new Map(found.features.map((one) => [one.properties.identifier, one]));
  data = { type: 'FeatureCollection', features: rows.flatMap((row, i) => {
    const one = places.get(row.ref);
    return one ? [{ ...one, properties: { ...one.properties, class: row.match_class,
      row: String(i + 1) } }] : [];
  }) };
  overlay.set({ on: true });
  if (app.map && data.features.length) {
    const bounds = boundsOf(data.features.map(({ geometry }) => geometry.coordinates));
    app.map.flyTo({ ...fitted(app.map, bounds, { padding: padding(90), maxZoom: 17,
      pitch: isFlat() ? 0 : 50, bearing: app.map.getBearing() }), padding: padding(0),
    duration: 1200, essential: false });
  }
}

function frame(inside, count) {
  $('sheet').replaceChildren(h('div', { class: 'side-head' },
    h('h1', {}, `${t('pasted')} · ${count}`), h('span', { class: 'tools' },
      h('button', { type: 'button', id: 'pasted-copy', onclick: copy }, t('pasted_copy')),
      h('button', { type: 'button', id: 'pasted-save', onclick: save }, t('pasted_save')),
      h('button', { type: 'button', class: 'icon', title: t('close'), 'aria-label': t('close'),
        onclick: closeSheet }, '×'))), h('div', { class: 'sheet-body', tabindex: 0 }, inside));
  $('sheet').setAttribute('aria-label', t('pasted'));
  $('sheet').hidden = false;
}

function closeSheet() {
  $('sheet').hidden = true;
  overlay.set({ on: false });
  $('q').focus();
}

function fill() {
  const sure = rows.filter(({ match_class: one }) => one === 'A' || one === 'B').length;
  announce(t('pasted_done', sure, rows.length));
  const head = ['#', t('pasted_text'), t('pasted_class'), t('pasted_place'), t('pasted_level')];
  frame(h('table', {}, h('caption', {}, t('pasted_done', sure, rows.length)),
    h('thead', {}, h('tr', {}, head.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, rows.map(line))), rows.length);
}

function line(row, i) {
  const missing = row.unmatched ? t('pasted_missing', row.unmatched) : '';
  const place = row.ref ? h('button', { type: 'button', class: 'link', onclick: () => go(row.ref) },
    row.standard_address ?? row.ref) : t('pasted_none');
  return h('tr', { class: `class-${row.match_class}` }, h('td', {}, String(i + 1)),
    h('td', {}, row.address), h('td', { title: t(`class_${row.match_class}`) },
      h('b', {}, row.match_class)), h('td', {}, place, missing ? h('span', { class: 'more' },
      missing) : null), h('td', {}, row.level ? levelName(row.level) : ''));
}

/** One cell of a CSV; what a spreadsheet would take for a formula becomes plain text. */
function cell(value) {
  const text = value === null || value === undefined ? '' : String(value);
  const plain = /^[=+\-@\t\r＝＋－＠]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)
    ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

const asCsv = () => [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))]
  .map((values) => values.map(cell).join(',')).join('\r\n');

async function copy() {
  try {
    await navigator.clipboard.writeText(asCsv());
    notice('copied', t('pasted_copied'), { seconds: 2.5 });
  } catch {
    save();
  }
}

function save() {
  download(new Blob(['\ufeff', asCsv()], { type: 'text/csv' }), 'addresses.csv');
}

/** Hand a file to the browser. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
