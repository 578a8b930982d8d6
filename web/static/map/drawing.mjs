// An area drawn by hand, or a circle round a spot: what is inside, as counts the role may see.
import * as api from './api.mjs';
import { app, go } from './app.mjs';
import { metresPerDegree } from './camera.mjs';
import { $, announce, h, notice } from './dom.mjs';
import { dated, moment } from './moment.mjs';
import { register } from './overlays.mjs';
import { download } from './pasted.mjs';
import { number, palette, t } from './setup.mjs';
import { openSide, side, sideShown } from './side.mjs';

const RADIUS_M = 300;
const CLOSE_PX = 12;
/** What is drawn: corners while drawing, then a ring; or a middle and a radius. */
const drawn = { corners: [], done: false, middle: null, radius: RADIUS_M, found: null };
let body = null;
let drawing = false;

export const isDrawing = () => drawing;

const overlay = register({
  id: 'area', title: t('area'), slot: 'labels',
  sources: () => ({ 'drawn-area': { type: 'geojson', data: shape() } }),
  layers: () => [
    { id: 'drawn-fill', source: 'drawn-area', type: 'fill',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': palette().accent, 'fill-opacity': 0.12 } },
    { id: 'drawn-line', source: 'drawn-area', type: 'line',
      paint: { 'line-color': palette().accent, 'line-width': 2.4 } },
    { id: 'drawn-corner', source: 'drawn-area', type: 'circle',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 5, 'circle-color': palette().halo,
        'circle-stroke-color': palette().accent, 'circle-stroke-width': 2 } }],
  state: () => (drawn.middle ? `r,${drawn.radius},${drawn.middle.map((one) => one.toFixed(6))}`
    : drawn.done ? drawn.corners.flat().map((one) => one.toFixed(6)).join(',') : ''),
  restore: (text) => {
    const [kind, ...rest] = text.split(',');
    if (kind === 'r') drawAround(rest.slice(1).map(Number), Number(rest[0]));
    else if (text) {
      const numbers = text.split(',').map(Number);
      drawn.corners = Array.from({ length: Math.floor(numbers.length / 2) },
        (_, i) => numbers.slice(i * 2, i * 2 + 2));
      if (drawn.corners.length > 2 && numbers.every(Number.isFinite)) finish();
    }
  },
  at: () => { if (drawn.found) ask(); },
});

export function startDrawing() {
  side('area', $('area-button'), t('area'), (into) => { body = into; fill(); });
  document.addEventListener('keydown', (event) => {
    if (!drawing || event.defaultPrevented) return;
    if (event.key === 'Escape') { event.preventDefault(); stop(); }
    if (event.key === 'Enter' && drawn.corners.length > 2) { event.preventDefault(); finish(); }
    if (event.key === 'Backspace') { drawn.corners.pop(); redraw(); }
  }, { capture: true });
}

function circle([lon, lat], radius) {
  const [x, y] = metresPerDegree(lat);
  return Array.from({ length: 73 }, (_, i) => [lon + Math.cos(i * Math.PI / 36) * radius / x,
    lat + Math.sin(i * Math.PI / 36) * radius / y]);
}

function shape() {
  const features = [];
  const put = (type, coordinates) => features.push({ type: 'Feature', properties: {},
    geometry: { type, coordinates } });
  if (drawn.middle) {
    put('Polygon', [circle(drawn.middle, drawn.radius)]);
    put('Point', drawn.middle);
  } else if (drawn.done) {
    put('Polygon', [[...drawn.corners, drawn.corners[0]]]);
  } else {
    if (drawn.corners.length > 1) put('LineString', drawn.corners);
    drawn.corners.forEach((corner) => put('Point', corner));
  }
  return { type: 'FeatureCollection', features };
}

function redraw() {
  if (!overlay.on) overlay.set({ on: true });
  else overlay.data('drawn-area', shape());
}

/** Begin: every click on the map is a corner, a double click or Enter the last one. */
function begin() {
  Object.assign(drawn, { corners: [], done: false, middle: null, found: null });
  drawing = true;
  app.map.getCanvas().style.cursor = 'crosshair';
  app.map.doubleClickZoom.disable();
  redraw();
  fill();
  announce(t('area_how'));
}

/** A click while drawing. */
export function corner({ lngLat, point }) {
  const near = (one) => {
    const spot = one && app.map.project(one);
    return spot && Math.hypot(spot.x - point.x, spot.y - point.y) < CLOSE_PX;
  };
  const ends = near(drawn.corners[0]) || near(drawn.corners.at(-1));
  if (ends && drawn.corners.length > 2) finish();
  else if (!ends) {
    drawn.corners.push([lngLat.lng, lngLat.lat]);
    redraw();
  }
}

function leave() {
  drawing = false;
  if (!app.map) return;
  app.map.getCanvas().style.cursor = '';
  setTimeout(() => app.map.doubleClickZoom.enable(), 400);
}

function stop() {
  leave();
  Object.assign(drawn, { corners: [], done: false, middle: null, found: null });
  overlay.set({ on: false });
  fill();
}

function finish() {
  leave();
  Object.assign(drawn, { done: true, middle: null });
  redraw();
  overlay.relabel();
  ask();
}

/** A circle round a spot. */
export function drawAround(spot, radius = drawn.radius) {
  if (!spot.every(Number.isFinite) || !(radius >= 1 && radius <= 10000)) return;
  leave();
  Object.assign(drawn, { middle: spot, radius, done: false, corners: [] });
  redraw();
  overlay.relabel();
  ask();
}

async function ask() {
  drawn.found = null;
  if (sideShown() !== 'area') openSide('area');
  else fill();
  const ring = [...drawn.corners, drawn.corners[0]];
  const asked = drawn.middle ? { near: drawn.middle.join(','), radius_m: drawn.radius }
    : { outline: `POLYGON((${ring.map((one) => one.join(' ')).join(', ')}))` };
  try {
    drawn.found = await api.post('/api/map/inside', { ...asked, ...dated() });
    announce(drawn.found.counts.map(({ label, value }) => `${label} ${value}`).join('，'));
  } catch (error) {
    notice('area', error.status ? error.message : t('offline'));
  }
  fill();
}

function fill() {
  if (!body?.isConnected) return;
  const started = drawing || drawn.done || drawn.middle;
  const button = (text, run, style = null) => h('button', { type: 'button', class: style,
    onclick: run }, text);
  const radius = h('input', { type: 'number', min: 10, max: 10000, step: 10, value: drawn.radius,
    'aria-label': t('area_radius'), onchange: (event) => {
      drawn.radius = Math.min(Math.max(Number(event.target.value) || RADIUS_M, 1), 10000);
      if (drawn.middle) drawAround(drawn.middle);
    } });
  body.replaceChildren(
    h('p', { class: 'note' }, drawing ? t('area_how') : t('area_note')),
    h('p', { class: 'actions' }, button(t('area_draw'), begin, 'primary'),
      button(t('area_middle'), () => {
        const { lng, lat } = app.map.getCenter();
        drawAround(app.place?.point ?? [lng, lat]);
      }), started ? button(t('area_drop'), stop) : null),
    h('label', { class: 'radius' }, t('area_radius'), radius),
    ...(drawn.found ? result(drawn.found)
      : started && !drawing ? [h('p', { class: 'note' }, t('loading'))] : []));
}

function result({ counts, facilities, withheld, area_m2: area, features }) {
  const size = area < 1e6 ? t('square_metres', number(Math.round(area)))
    : t('square_kilometres', number(area / 1e6));
  const rows = (list) => h('dl', { class: 'facts' }, list.flatMap(({ label, value }) => [
    h('dt', {}, label), h('dd', {}, number(value))]));
  const buildings = features.slice(1);
  return [h('h2', {}, [size, moment.day].filter(Boolean).join(' · ')), rows(counts),
    withheld.length ? h('p', { class: 'note' }, t('area_withheld', withheld.join('、'))) : null,
    facilities.length ? h('h2', {}, t('group_facilities_title')) : null,
    facilities.length ? rows(facilities) : null,
    h('p', { class: 'actions' }, h('button', { type: 'button', onclick: save }, t('area_save'))),
    buildings.length ? h('details', {}, h('summary', {}, t('area_buildings', buildings.length)),
      h('ul', { class: 'inside' }, buildings.map(({ properties: one }) => h('li', {},
        h('button', { type: 'button', onclick: () => go(one.identifier) },
          [one.compound, one.label].filter(Boolean).join(' ')))))) : null].filter(Boolean);
}

function save() {
  const { type, features, counts } = drawn.found;
  download(new Blob([JSON.stringify({ type, features, counts }, null, 1)],
    { type: 'application/geo+json' }), 'area.geojson');
}
