// The map itself: made, themed, switched between 2D and 3D, and watched for failures.
import * as maplibre from '/static/vendor/maplibre-gl/maplibre-gl.mjs';
import { fitted } from './camera.mjs';
import { $, h, notice } from './dom.mjs';
import { supply } from './images.mjs';
import { moment } from './moment.mjs';
import { setTheme, setup, t, theme } from './setup.mjs';
import { enlarge, larger } from './wide.mjs';

const FLAT_HIDDEN = ['building', 'band', 'shadow', 'ao'];
const RAISED = ['building-label', 'section-label', 'compound-label'];
const START = { pitch: 50, bearing: -24 };

// Without this the worker would be asked for with a query, which the server does not know.
maplibre.setWorkerUrl('/static/vendor/maplibre-gl/maplibre-gl-worker.mjs');

export const hasWebGL2 = () => Boolean(document.createElement('canvas').getContext('webgl2'));

/** Load the slices of the page's own font that Chinese labels are likeliest to need. */
function fonts(text) {
  const wanted = ['400', '500', '700'].map((weight) => document.fonts
    .load(`${weight} 24px "Noto Sans SC Variable"`, text));
  const patience = new Promise((done) => { setTimeout(done, 2500); });
  return Promise.race([Promise.allSettled(wanted), patience]);
}

/** Where tiles come from: through whatever proxy the page came, and of the day shown. */
export const tileAddress = (set) => `${location.origin}/tiles/${set}/{z}/{x}/{y}.mvt`
  + (moment.day ? `?valid_at=${moment.day}` : '');

let first = null;

/** Start workers and ask for style and fonts at once, before the map needs them. */
export function fetchAhead() {
  if (!hasWebGL2()) return;
  maplibre.prewarm();
  first = { theme: theme(), style: fetchStyle(), fonts: fonts(setup.characters) };
  first.style.catch(() => {});
}

async function style() {
  const ready = first?.theme === theme() ? first.style : fetchStyle();
  first = null;
  const found = await ready;
  found.sources.base.tiles = [tileAddress('base')];
  return enlarge(found);
}

async function fetchStyle() {
  const response = await fetch(`/styles/${theme()}.json?lang=${setup.language}`);
  return response.json();
}

export async function createMap(camera) {
  await first?.fonts;
  const map = new maplibre.Map({
    container: 'map', style: await style(), maxPitch: 72, minZoom: 8, maxZoom: 21,
    attributionControl: false, fadeDuration: setup.plain ? 0 : 150,
    canvasContextAttributes: { antialias: !setup.plain },
    locale: {
      'Map.Title': t('map_label'), 'NavigationControl.ZoomIn': t('zoom_in'),
      'NavigationControl.ZoomOut': t('zoom_out'), 'NavigationControl.ResetBearing': t('north'),
    },
    ...(camera ?? { center: [104, 35], zoom: 3.5 }),
  });
  map.setPadding(padding(0));
  if (!camera) home(map, false);
  map.addControl(new maplibre.NavigationControl({ visualizePitch: true }), 'bottom-right');
  map.addControl(new maplibre.ScaleControl(), 'bottom-left');
  watch(map);
  return map;
}

export const Popup = maplibre.Popup;

/** Room for the column on the left, where the window is wide enough to have one. */
export function padding(around = 0) {
  const by = larger();
  const left = innerWidth > 900 && !$('panel').hidden ? 360 * by : 0;
  const top = innerWidth > 900 ? 40 * by : 120;
  const right = innerWidth <= 900 ? 0 : ($('side').hidden ? 0 : 336 * by)
    + ($('floors').hidden ? 0 : 134 * by);
  return { left: left + around, top: top + around, right: right + around, bottom: around };
}

function watch(map) {
  map.on('style.load', () => supply(map));
  map.on('error', ({ error, sourceId }) => {
    if (sourceId === 'base' || error?.status >= 500) notice('tiles', t('tiles_failed'));
  });
  map.getCanvas().addEventListener('webglcontextlost', () => notice('lost', t('context_lost'), {
    seconds: 0, action: { name: t('reload'), run: () => location.reload() },
  }));
}

/** Show the whole area, tilted as the mode wants. */
export function home(map, animate = true) {
  if (!setup.bounds) return;
  const angles = isFlat() ? { pitch: 0, bearing: 0 } : START;
  const target = { ...fitted(map, setup.bounds, { ...angles, padding: padding(30) }),
    padding: padding(0) };
  if (animate) map.flyTo({ ...target, duration: 1200, essential: false });
  else map.jumpTo(target);
}

let flatMode = false;
export const isFlat = () => flatMode;

/** Lay the map flat, or raise it again. */
export function setFlat(map, flat, { move = true } = {}) {
  flatMode = flat;
  for (const id of FLAT_HIDDEN) {
    map.setLayoutProperty(id, 'visibility', flat ? 'none' : 'visible');
  }
  map.setLayoutProperty('building-foot', 'visibility', flat ? 'visible' : 'none');
  for (const id of RAISED) {
    const offset = map.getLayer(id).metadata.offset;
    map.setLayoutProperty(id, 'symbol-height-offset', flat ? 0 : offset);
  }
  map.setLayoutProperty('incident', 'symbol-height-offset', flat ? 0 : ['get', 'h']);
  const button = $('mode');
  button.textContent = t(flat ? 'view3d' : 'view2d');
  button.title = t(flat ? 'to3d' : 'to2d');
  button.setAttribute('aria-label', button.title);
  if (!move) return;
  if (map.getZoom() < 16) home(map);
  else map.easeTo({ pitch: flat ? 0 : START.pitch, bearing: flat ? 0 : START.bearing });
}

let styling = null;

/** While another style is put on, nothing can be opened or closed: the promise of its end. */
export const restyling = () => styling;

/** Put on the other theme; what the page drew itself is drawn again by `again`. */
export function changeTheme(map, name, again) {
  if (styling) return;
  setTheme(name);
  showTheme();
  styling = putOn(map, again).catch(() => notice('tiles', t('tiles_failed')))
    .finally(() => { styling = null; });
}

async function putOn(map, again) {
  const found = await style();
  await new Promise((done) => {
    map.once('style.load', () => {
      again();
      done();
    });
    map.setStyle(found, { diff: false });
  });
}

export function showTheme() {
  const dark = theme() === 'dark';
  const button = $('theme');
  button.textContent = t(dark ? 'light' : 'dark');
  button.title = t(dark ? 'to_light' : 'to_dark');
  button.setAttribute('aria-label', button.title);
}

/** Without WebGL2 there is no map: say so, and leave search and list. */
export function fallback(title, text) {
  $('map').replaceChildren(h('div', { class: 'fallback' }, h('h1', {}, title), h('p', {}, text)));
  $('hint').remove();
}
