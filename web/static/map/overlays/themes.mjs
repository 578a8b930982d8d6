// Thematic maps over the grids: colour by class, circles by count, height by a second measure.
import * as api from '../api.mjs';
import { h } from '../dom.mjs';
import { register } from '../overlays.mjs';
import { setup, t, theme as scheme } from '../setup.mjs';
import { dock, dockGone } from '../theme-dock.mjs';
import { hatches } from '../theme-hatch.mjs';
import { legendOf, select } from '../theme-legend.mjs';

const EMPTY = { type: 'FeatureCollection', features: [] };
const chosen = { name: 'incident_rate', level: '', months: '', raised: false };
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
    dock({ answer, query, recolour });
  } catch (error) {
    if (mine === wanted) api.failed(error);
  }
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
    Object.assign(properties, { class: k, value: frame.values[i],
      colour: k < 0 ? null : colours[k], flag: k < 0 ? 'none' : null });
  }
  overlay.data('theme', answer);
  overlay.data('theme-spots', spots());
}

/** A point an area, with the circle's share of the largest one. */
function spots() {
  if (!answer) return EMPTY;
  const most = Math.max(...answer.features.map(({ properties }) => properties.value ?? 0), 1e-9);
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
  const most = Math.max(...answer.features.map(({ properties }) => properties.count ?? 0), 1);
  const { hatch, dots } = hatches(scheme());
  const known = ['!=', ['get', 'colour'], null];
  const colour = ['coalesce', ['get', 'colour'], 'rgba(0,0,0,0)'];
  const line = scheme() === 'dark' ? '#8FD8F0' : '#FFFFFF';
  const fill = { id: 'theme-fill', source: 'theme', type: 'fill', filter: known,
    paint: { 'fill-color': colour, 'fill-opacity': 0.78 } };
  const solid = { id: 'theme-fill', source: 'theme', type: 'fill-extrusion', filter: known,
    paint: { 'fill-extrusion-color': colour, 'fill-extrusion-opacity': 0.86,
      'fill-extrusion-vertical-gradient': false,
      'fill-extrusion-height': ['*', 260 / most, ['coalesce', ['get', 'count'], 0]] } };
  const border = { id: 'theme-line', source: 'theme', type: 'line', paint: {
    'line-color': line, 'line-width': 1, 'line-opacity': 0.7 } };
  const circle = { id: 'theme-circle', source: 'theme-spots', type: 'circle', paint: {
    'circle-color': colour, 'circle-opacity': 0.86, 'circle-stroke-color': line,
    'circle-stroke-width': 1, 'circle-pitch-alignment': 'viewport',
    'circle-radius': ['interpolate', ['exponential', 1.6], ['zoom'], 11,
      ['*', 7, ['get', 'size']], 15, ['*', 26, ['get', 'size']], 18, ['*', 60, ['get', 'size']]] } };
  const marked = (id, flag, pattern) => ({ id, source: 'theme', type: 'fill',
    filter: ['==', ['get', 'flag'], flag], paint: { 'fill-pattern': pattern } });
  const body = drawn === 'circles' ? [border, circle]
    : [chosen.raised ? solid : fill, ...(drawn === 'surface' ? [] : [border])];
  return [...body, marked('theme-held', 'suppressed', dots),
    ...(drawn === 'circles' || chosen.raised ? [] : [marked('theme-unsure', 'unreliable', hatch)])];
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
      select(t('theme_level'), ['grid', 'community', 'subdistrict', 'hexagon']
        .map((level) => [level, t(`theme_level_${level}`)]), chosen.level || own,
      (level) => choose({ level })),
      answer?.theme.timed ? select(t('theme_months'), [1, 3, 6, 12, 24]
        .map((months) => [months, t('theme_months_n', months)]),
      chosen.months || answer.theme.months, (months) => choose({ months })) : '',
      h('label', { class: 'switch' }, h('input', { type: 'checkbox', checked: chosen.raised,
        onchange: ({ target }) => { chosen.raised = target.checked; overlay.redraw(); } }),
      t('theme_raised')),
      h('a', { class: 'button', href: `/themes?theme=${encodeURIComponent(chosen.name)}` },
        t('theme_page')));
  },
  state: () => [chosen.name, chosen.level, chosen.months, chosen.raised ? '1' : ''].join('.'),
  restore: (text) => {
    const [name, level = '', months = '', raised = ''] = text.split('.');
    if (/^[\w-]{1,40}$/.test(name)) Object.assign(chosen, { name, level, months, raised: raised === '1' });
  },
  pick: ({ properties }) => { dock.choose?.(properties.identifier); return true; },
  shown: (on) => { if (on) load(); else dockGone(); },
});
