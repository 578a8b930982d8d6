// What is laid over the map besides the registry's own layers: one registry for all of them.
//
// An overlay is a module in overlays/ that calls `register` once; overlays/index.mjs names the
// module, and that line is all the rest of the page needs to know. Its words stand in
// web/words/map.NAME.zh.json and map.NAME.en.json, which the page merges with its own.
//
//   export const coverage = register({
//     id: 'coverage',            // short, [a-z]+, unique: stands in links and saved views
//     title: t('coverage'),      // what the layers panel calls it
//     about: t('coverage_about'),// a sentence below it (optional)
//     slot: 'areas',             // 'bottom' under all · 'ground' under streets · 'areas' over them, under buildings
//                                // · 'solids' among the buildings · 'labels' over them, under
//                                // all words (see SLOTS)
//     glass: false,              // buildings turn to glass while it is on
//     on: false,                 // shown at first
//     sources: () => ({ coverage: { type: 'geojson', data } }),  // asked at every drawing,
//     layers: () => [{ id: 'coverage-fill', source: 'coverage', type: 'fill', paint }], // also
//                                // after a change of theme: take colours from palette()
//     legend: () => [{ colour: '#2C74A6', label: '…' }],  // or an Element, or null
//     controls: (body) => {},    // what one can set, below its switch (optional)
//     pick: (feature, lngLat) => true,  // a click on one of its layers; true: it is dealt with
//     state: () => 'text',       // what a link must say to show the same again (optional)
//     restore: (text) => {},     // … and the way back; called before the first drawing
//     at: (day) => {},           // another day is shown, '2019-05-01' or null for now (optional)
//     shown: (on) => {},         // it was switched on or off: time to fetch, or to stop
//     drawn: (map) => {},        // its layers are on the map … (optional)
//     wiped: (map) => {},        // … or are about to go (optional)
//   });
//
// The handle that comes back has `on`, `opacity`, `set({ on, opacity })`, `redraw()` when
// sources or layers are others now, `data(source, geojson)` when only the data are, and
// `relabel()` when legend or controls are.
import { app } from './app.mjs';

/** Where layers may go: under the first layer of the style named here. */
export const SLOTS = { bottom: 'compound', ground: 'street-far', areas: 'shadow', solids: 'building',
  labels: 'division-label' };
const OPACITY = {
  fill: ['fill-opacity'], line: ['line-opacity'], raster: ['raster-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'], heatmap: ['heatmap-opacity'],
  symbol: ['text-opacity', 'icon-opacity'], 'fill-extrusion': ['fill-extrusion-opacity'],
  hillshade: [], background: ['background-opacity'],
};

/** Every overlay in the order of drawing, the lowest first. */
export const overlays = [];
const watchers = [];

/** Call `watcher()` whenever what is shown, its order, legend or controls have changed. */
export const onOverlays = (watcher) => watchers.push(watcher);
const changed = () => { for (const watcher of watchers) watcher(); };

class Handle {
  constructor(declared) {
    this.declared = declared;
    this.id = declared.id;
    this.on = Boolean(declared.on);
    this.opacity = 1;
  }

  set({ on = this.on, opacity = this.opacity }) {
    const switched = on !== this.on;
    Object.assign(this, { on, opacity });
    if (switched) this.declared.shown?.(on);
    this.redraw();
  }

  redraw() {
    if (app.map?.getLayer('background')) {
      wipe(this);
      if (this.on) draw(this);
    }
    changed();
  }

  data(source, geojson) {
    app.map?.getSource(source)?.setData(geojson);
  }

  relabel() {
    changed();
  }
}

export function register(declared) {
  if (overlays.some(({ id }) => id === declared.id)) throw new Error(`two ${declared.id}`);
  const handle = new Handle(declared);
  overlays.push(handle);
  return handle;
}

/** Draw all that is on; after the first style and after every change of theme. */
export function drawOverlays() {
  for (const one of overlays) {
    wipe(one);
    if (one.on) draw(one);
  }
}

function draw(one) {
  const { map } = app;
  const before = SLOTS[one.declared.slot ?? 'areas'];
  one.drawn = { sources: [], layers: [] };
  for (const [id, source] of Object.entries(one.declared.sources?.() ?? {})) {
    if (!map.getSource(id)) map.addSource(id, source);
    one.drawn.sources.push(id);
  }
  for (const layer of one.declared.layers?.() ?? []) {
    const paint = { ...layer.paint };
    for (const name of OPACITY[layer.type] ?? []) paint[name] = faded(paint[name], one.opacity);
    map.addLayer({ ...layer, paint }, map.getLayer(before) ? before : undefined);
    one.drawn.layers.push(layer.id);
  }
  one.declared.drawn?.(map);
}

function wipe(one) {
  const { map } = app;
  if (one.drawn) one.declared.wiped?.(map);
  for (const id of one.drawn?.layers ?? []) if (map.getLayer(id)) map.removeLayer(id);
  for (const id of one.drawn?.sources ?? []) if (map.getSource(id)) map.removeSource(id);
  one.drawn = null;
}

/** An opacity made weaker; what grows with the zoom must keep the zoom outermost. */
export function faded(value, by) {
  if (by === 1) return value ?? 1;
  if (value === undefined || typeof value === 'number') return (value ?? 1) * by;
  if (['interpolate', 'step'].includes(value[0])) {
    const first = value[0] === 'step' ? 2 : 4;
    return value.map((part, i) => (i >= first && (i - first) % 2 === 0 ? faded(part, by) : part));
  }
  return ['*', value, by];
}

/** Move an overlay up (1) or down (-1) among those drawn. */
export function reorder(one, by) {
  const at = overlays.indexOf(one);
  const to = Math.min(Math.max(at + by, 0), overlays.length - 1);
  overlays.splice(to, 0, ...overlays.splice(at, 1));
  if (app.map) drawOverlays();
  changed();
}

/** Whether something that is on wants to be seen through the buildings. */
export const wantsGlass = () => overlays.some(({ on, declared }) => on && declared.glass);

/** The layers that a click may fall on, the topmost last. */
export const pickable = () => overlays.filter(({ on, declared }) => on && declared.pick)
  .flatMap(({ drawn }) => drawn?.layers ?? []);

/** Let the overlay of a feature deal with a click; false when none does. */
export function pickOverlay(feature, lngLat) {
  const one = overlays.find(({ drawn }) => drawn?.layers.includes(feature?.layer.id));
  return Boolean(one?.declared.pick?.(feature, lngLat));
}

/** Tell every overlay that another day is shown. */
export function overlaysAt(day) {
  for (const { declared } of overlays) declared.at?.(day);
}

/** What a link or a saved view says of the overlays that are on: id~opacity~state, … */
export function overlaysText() {
  return overlays.filter(({ on }) => on).map(({ id, opacity, declared }) => [id,
    opacity === 1 ? '' : opacity.toFixed(2), declared.state?.() ?? '']
    .map(encodeURIComponent).join('~').replace(/~+$/, '')).join(',');
}

export function restoreOverlays(text) {
  const wanted = new Map((text ?? '').split(',').filter(Boolean).map((part) => {
    const [id, opacity, state] = part.split('~').map(decodeURIComponent);
    return [id, { opacity: Number(opacity) || 1, state }];
  }));
  for (const one of overlays) {
    const said = wanted.get(one.id);
    if (said?.state !== undefined) one.declared.restore?.(said.state);
    one.set({ on: Boolean(said), opacity: said?.opacity ?? 1 });
  }
}
