// Thematic maps over the grids: colour by class, circles by count, height by a second measure.
import * as api from '../api.mjs';
import { app } from '../app.mjs';
import { h } from '../dom.mjs';
import { register } from '../overlays.mjs';
import { setup, t, theme as scheme } from '../setup.mjs';
import { dock, dockGone } from '../theme-dock.mjs';
import { hatches } from '../theme-hatch.mjs';
import { legendOf, select } from '../theme-legend.mjs';

const LEVELS = ['grid', 'community', 'subdistrict', 'hexagon'];
const EMPTY = { type: 'FeatureCollection', features: [] };
const chosen = { name: 'incident_rate', level: '', months: '', raised: '', area: '' };
/** What is no measure, so that no height can stand for it. */
const WORDS = ['label', 'parent', 'value', 'class_label', 'flag'];
let list = null;
let answer = null;
let wanted = 0;
let drawnFor = null;

const query = () => ({ level: chosen.level, months: chosen.months, scheme: scheme() });

/** Ask for the theme that is chosen; of two questions the later wins. */
async function load() {
  wanted += 1;
  const mine = wanted;
  try {
    list ??= (await api.get('/api/themes')).items;
    const found = await api.get(`/api/themes/${encodeURIComponent(chosen.name)}/areas`, query());
    if (mine !== wanted) return;
    answer = found;
    drawnFor = scheme();
    overlay.redraw();
    dock({ answer, query, recolour, choose: chooseArea });
  } catch (error) {
    if (mine === wanted) api.failed(error);
  }
}

/** Ring an area, as its row is marked in the table; '' takes the ring away. */
function chooseArea(identifier) {
  chosen.area = identifier;
  const { map } = app;
  if (map?.getLayer('theme-chosen')) {
    map.setFilter('theme-chosen', ['==', ['get', 'identifier'], identifier]);
  }
  const one = answer?.features.find(({ properties }) => properties.identifier === identifier);
  if (one && !map.getBounds().contains(one.properties.at)) map.easeTo({ center: one.properties.at });
}

function choose(changes) {
  Object.assign(chosen, changes);
  overlay.relabel();
  load();
}

/** Show another moment: `classes` and `values` of every area, in the order of `identifiers`. */
function recolour(identifiers, frame) {
  const colours = answer.legend.classes.map(({ colour }) => colour);
  const place = new Map(identifiers.map((identifier, i) => [identifier, i]));
  for (const { properties } of answer.features) {
    const i = place.get(properties.identifier);
    const k = frame.classes[i] ?? -1;
    Object.assign(properties, { class: k, value: frame.values[i] ?? null,
      count: frame.counts[i] ?? null, class_label: answer.legend.classes[k]?.label ?? null, colour: k < 0 ? null : colours[k], flag: k < 0 ? 'none' : null });
  }
  overlay.data('theme', answer);
  overlay.data('theme-spots', spots());
}

/** The largest figure of a column; of tens of thousands of areas too. */
const largest = (key) => answer.features.reduce(
  (most, { properties }) => Math.max(most, properties[key] ?? 0), 1e-9);

/** A point an area, with the circle's share of the largest one. */
function spots() {
  if (!answer) return EMPTY;
  const most = largest('value');
  return { type: 'FeatureCollection', features: answer.features
    .filter(({ properties }) => properties.value > 0)
    .sort((a, b) => b.properties.value - a.properties.value)
    .map(({ properties }) => ({ type: 'Feature',
      geometry: { type: 'Point', coordinates: properties.at },
      properties: { ...properties, size: Math.sqrt(properties.value / most) } })) };
}

function layers() {
  if (!answer) return [];
  // After a change of light and dark the server's colours are others.
  if (drawnFor !== scheme()) load();
  const { drawn } = answer.legend;
  const raised = chosen.raised in answer.headings ? chosen.raised : '';
  const { hatch, dots } = hatches(scheme());
  const known = ['!=', ['get', 'colour'], null];
  const colour = ['coalesce', ['get', 'colour'], 'rgba(0,0,0,0)'];
  const line = scheme() === 'dark' ? '#8FD8F0' : '#FFFFFF';
  const fill = { id: 'theme-fill', source: 'theme', type: 'fill', filter: known,
    paint: { 'fill-color': colour, 'fill-opacity': 0.78 } };
  const solid = { id: 'theme-fill', source: 'theme', type: 'fill-extrusion', filter: known,
    paint: { 'fill-extrusion-color': colour, 'fill-extrusion-opacity': 0.86,
      'fill-extrusion-vertical-gradient': false,
      'fill-extrusion-height': ['*', 260 / largest(raised),
        ['max', 0, ['coalesce', ['get', raised], 0]]] } };
  const border = { id: 'theme-line', source: 'theme', type: 'line', paint: {
    'line-color': line, 'line-width': 1, 'line-opacity': 0.7 } };
  const ring = { id: 'theme-chosen', source: 'theme', type: 'line',
    filter: ['==', ['get', 'identifier'], chosen.area], paint: {
      'line-color': scheme() === 'dark' ? '#FFC24B' : '#1F6FEB', 'line-width': 3 } };
  const circle = { id: 'theme-circle', source: 'theme-spots', type: 'circle', paint: {
    'circle-color': colour, 'circle-opacity': 0.86, 'circle-stroke-color': line,
    'circle-stroke-width': 1, 'circle-pitch-alignment': 'viewport',
    'circle-radius': ['interpolate', ['exponential', 1.6], ['zoom'], 11,
      ['*', 7, ['get', 'size']], 15, ['*', 26, ['get', 'size']], 18, ['*', 60, ['get', 'size']]] } };
  const marked = (id, flag, pattern) => ({ id, source: 'theme', type: 'fill',
    filter: ['==', ['get', 'flag'], flag], paint: { 'fill-pattern': pattern } });
  const body = drawn === 'circles' ? [border, circle]
    : [raised ? solid : fill, ...(drawn === 'surface' ? [] : [border])];
  return [...body, marked('theme-held', 'suppressed', dots),
    ...(drawn === 'circles' || raised ? [] : [marked('theme-unsure', 'unreliable', hatch)]), ring];
}

const overlay = register({
  id: 'theme', title: t('theme_title'), about: t('theme_about'), slot: 'areas', glass: true,
  sources: () => ({ theme: { type: 'geojson', data: answer ?? EMPTY, promoteId: 'identifier' },
    'theme-spots': { type: 'geojson', data: spots() } }),
  layers,
  legend: () => answer && legendOf(answer.legend),
  controls: (body) => {
    if (!list) return;
    const own = answer?.theme.level;
    body.append(
      select(t('theme_name'), list.map((one) => [one.name, one.title[setup.language]]),
        chosen.name, (name) => choose({ name, level: '', months: '' })),
      select(t('theme_level'), (answer?.legend.drawn === 'surface' ? ['hexagon'] : LEVELS).map((level) => [level, t(`theme_level_${level}`)]), chosen.level || own,
      (level) => choose({ level })),
      answer?.theme.timed ? select(t('theme_months'), [1, 3, 6, 12, 24]
        .map((months) => [months, t('theme_months_n', months)]),
      chosen.months || answer.theme.months, (months) => choose({ months })) : '',
      answer && answer.legend.drawn !== 'circles' ? select(t('theme_raised'),
        [['', t('theme_flat')], ...Object.entries(answer.headings)
          .filter(([key]) => !WORDS.includes(key))], chosen.raised,
        (raised) => { chosen.raised = raised; overlay.redraw(); }) : '',
      h('a', { class: 'button', href: `/themes?theme=${encodeURIComponent(chosen.name)}` },
        t('theme_page')));
  },
  state: () => [chosen.name, chosen.level, chosen.months, chosen.raised].join('.'),
  restore: (text) => {
    const [name, level = '', months = '', raised = ''] = text.split('.');
    if (/^[\w-]{1,40}$/.test(name)) {
      Object.assign(chosen, { name, level, months, raised: raised === '1' ? 'count' : raised });
    }
  },
  pick: ({ properties }) => { dock.choose?.(properties.identifier); return true; },
  shown: (on) => { if (on) load(); else dockGone(); },
});
