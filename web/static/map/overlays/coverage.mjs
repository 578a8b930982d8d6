// Coverage: view-sheds and blind ground of public cameras, buildings by what covers them, and
// what would change with one more camera or station. No dwelling and no person is a target.
import * as api from '../api.mjs';
import { app } from '../app.mjs';
import { announce, h, notice } from '../dom.mjs';
import { register } from '../overlays.mjs';
import { number, t, theme as scheme } from '../setup.mjs';
import { select } from '../theme-legend.mjs';

const EMPTY = { type: 'FeatureCollection', features: [] };
const STATIONS = ['police_station', 'service_station', 'fire_station', 'aed', 'hydrant'];
const COLOURS = {
  light: { shed: '#1F6FEB', blind: '#C62F35', by: ['#C62F35', '#F2A65A', '#7FB4D8', '#12568A'] },
  dark: { shed: '#7FD3FF', blind: '#FF6B6B', by: ['#FF6B6B', '#FFB65C', '#4C93C2', '#9ADBFF'] },
};
const COUNTS = ['none', 'one', 'two', 'three'];
const asked = { task: 'observe', stations: 'police_station', minutes: 15 };
let found = { sheds: EMPTY, blind: EMPTY, buildings: EMPTY, total: null, density: null };
let added = { cameras: [], stations: [] };
let change = null;
let imagined = EMPTY;
let turn = 0;

async function load() {
  turn += 1;
  const mine = turn;
  try {
    const [body, sheds, blind, buildings] = await Promise.all(['', '/cameras', '/blind',
      '/buildings'].map((part) => api.get(`/api/coverage${part}`, asked)));
    if (mine !== turn) return;
    for (const { properties } of buildings.features) {
      properties.by = ['camera', 'station', 'patrol'].filter((name) => properties[name]).length;
    }
    found = { sheds, blind, buildings, total: body.total, density: body.asked.pixels_a_metre };
    overlay.redraw();
    if (added.cameras.length || added.stations.length) await imagine();
  } catch (error) {
    if (mine === turn) api.failed(error);
  }
}

/** Ask what would change, and show the new view-sheds at once. */
async function imagine() {
  try {
    const { items, sheds } = await api.post('/api/coverage/what-if', { ...added, asked });
    change = items;
    imagined = sheds;
    overlay.data('coverage-new', imagined);
    overlay.relabel();
    announce(told().join('. '));
  } catch (error) {
    api.failed(error);
  }
}

function told() {
  return ['ground_m2', 'street_m', 'households_camera', 'households_station']
    .filter((name) => change?.[name]).map((name) => {
      const one = change[name];
      const sign = one.change > 0 ? '+' : '';
      return t('coverage_change', t(`coverage_${name}`), number(one.before.share ?? 0),
        number(one.after.share ?? 0), `${sign}${number(one.change)}`);
    });
}

/** The next click on the map places a new one; its camera looks away from the viewer. */
function place(kind) {
  notice('coverage', t('coverage_place'));
  app.map.once('click', ({ lngLat: { lng, lat } }) => {
    const azimuth = Math.round((app.map.getBearing() + 360) % 360);
    added[kind].push(kind === 'cameras' ? { lon: lng, lat, azimuth } : { lon: lng, lat });
    imagine();
  });
}

function forget() {
  added = { cameras: [], stations: [] };
  change = null;
  imagined = EMPTY;
  overlay.data('coverage-new', imagined);
  overlay.relabel();
}

function layers() {
  const { shed, blind, by } = COLOURS[scheme()];
  return [
    { id: 'coverage-blind', source: 'coverage-blind', type: 'fill',
      paint: { 'fill-color': blind, 'fill-opacity': 0.13 } },
    { id: 'coverage-shed', source: 'coverage-shed', type: 'fill',
      paint: { 'fill-color': shed, 'fill-opacity': 0.3 } },
    { id: 'coverage-edge', source: 'coverage-shed', type: 'line',
      filter: ['!', ['get', 'guessed']], paint: { 'line-color': shed, 'line-width': 0.8 } },
    { id: 'coverage-guess', source: 'coverage-shed', type: 'line', filter: ['get', 'guessed'],
      paint: { 'line-color': shed, 'line-width': 1, 'line-dasharray': [3, 2] } },
    { id: 'coverage-new', source: 'coverage-new', type: 'fill',
      paint: { 'fill-color': '#2F9E6E', 'fill-opacity': 0.5 } },
    { id: 'coverage-building', source: 'coverage-building', type: 'circle', minzoom: 13,
      paint: { 'circle-color': ['match', ['get', 'by'], 0, by[0], 1, by[1], 2, by[2], by[3]],
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 13, 2, 17, 7],
        'circle-stroke-color': scheme() === 'dark' ? '#0E151D' : '#FFFFFF',
        'circle-stroke-width': 1 } }];
}

function figures() {
  const { total } = found;
  if (!total) return [];
  const share = (name) => (total[name].share === null ? '–' : number(total[name].share));
  const straight = total.straight_line[String(asked.minutes)];
  return [t('coverage_households', share('households_camera'), share('households_station'),
    share('households_patrol')), t('coverage_ground', share('ground_m2'), share('street_m')),
  t('coverage_straight', straight?.share === null ? '–' : number(straight?.share ?? 0),
    asked.minutes), t('coverage_terrain', number(found.density))];
}

function legend() {
  const { shed, blind, by } = COLOURS[scheme()];
  const row = (colour, text) => {
    const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = colour;
    return h('li', {}, swatch, h('span', {}, text));
  };
  return h('section', { class: 'theme-legend' }, h('ul', {}, row(shed, t('coverage_seen')),
    row(blind, t('coverage_blind')), COUNTS.map((name, i) => row(by[i], t(`coverage_${name}`)))),
  figures().map((text) => h('small', {}, text)),
  told().map((text) => h('p', { class: 'coverage-change' }, h('b', {}, text))));
}

const overlay = register({
  id: 'coverage', title: t('coverage_title'), about: t('coverage_about'), slot: 'areas',
  sources: () => ({
    'coverage-blind': { type: 'geojson', data: found.blind },
    'coverage-shed': { type: 'geojson', data: found.sheds },
    'coverage-new': { type: 'geojson', data: imagined },
    'coverage-building': { type: 'geojson', data: found.buildings } }),
  layers, legend,
  controls: (body) => {
    const set = (name) => (value) => { asked[name] = value; load(); };
    body.append(
      select(t('coverage_task'), ['detect', 'observe', 'recognise', 'identify']
        .map((task) => [task, t(`coverage_${task}`)]), asked.task, set('task')),
      select(t('coverage_stations'), STATIONS.map((kind) => [kind,
        t(`coverage_kind_${kind}`)]), asked.stations, set('stations')),
      select(t('coverage_minutes'), [5, 10, 15, 30].map((n) => [n, t('coverage_minutes_n', n)]),
        asked.minutes, set('minutes')),
      h('button', { type: 'button', onclick: () => place('cameras') }, t('coverage_add')),
      h('button', { type: 'button', onclick: () => place('stations') }, t('coverage_add_station')));
    if (change) body.append(h('button', { type: 'button', onclick: forget }, t('coverage_clear')));
  },
  state: () => [asked.task, asked.stations, asked.minutes].join('.'),
  restore: (text) => {
    const [task, stations, minutes] = text.split('.');
    if (STATIONS.includes(stations)) Object.assign(asked, { task, stations, minutes: Number(minutes) || 15 });
  },
  shown: (on) => { if (on) load(); },
});
