// The plain map for browsers without WebGL2: outlines on a sheet, drawn by Leaflet from the same
// API, with the same search, list and panels beside it.
import { app, go, onPlace } from './app.mjs';
import * as api from './api.mjs';
import { inTheme } from './colours.mjs';
import { $, h, notice } from './dom.mjs';
import { incidentPoints } from './incidents.mjs';
import { moment } from './moment.mjs';
import { palette, setup, t } from './setup.mjs';

const LIBRARY = '/static/vendor/leaflet/leaflet';
/** What is drawn from which zoom on, the lowest first. */
const LAYERS = [['grounds', 13], ['compounds', 14], ['streets', 12], ['buildings', 15]];
let sheet = null;
let asked = 0;

function library() {
  document.head.append(h('link', { rel: 'stylesheet', href: `${LIBRARY}.css` }));
  return new Promise((done, failed) => {
    document.head.append(h('script', { src: `${LIBRARY}.js`, onload: () => done(window.L),
      onerror: failed }));
  });
}

/** Draw the plain map into the page. */
export async function startFlat(camera) {
  const L = await library();
  const map = L.map('map', { preferCanvas: true, zoomControl: false, attributionControl: false,
    maxZoom: 21 });
  L.control.zoom({ position: 'bottomright', zoomInTitle: t('zoom_in'),
    zoomOutTitle: t('zoom_out') }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const [w, s, e, n] = setup.bounds ?? [73, 18, 135, 53];
  if (camera) map.setView([camera.center[1], camera.center[0]], Math.round(camera.zoom) + 1);
  else map.fitBounds([[s, w], [n, e]]);
  sheet = { L, map, groups: new Map(), chosen: L.layerGroup().addTo(map),
    pins: L.layerGroup().addTo(map) };
  map.on('moveend', load);
  load();
  onPlace(mark);
  if (app.place) mark(app.place);
  $('hint')?.remove();
  notice('plain', t('webgl_plain'), { seconds: 12 });
}

function colourOf(name) {
  const { legend } = setup.layers.find((one) => one.name === name);
  const by = setup.layers.find((one) => one.name === name).filters.find(({ codes }) => codes);
  const known = new Map(legend.map(({ value, colour }) => [value, inTheme(colour)]));
  return (properties) => known.get(properties[by?.field]) ?? inTheme(legend.at(-1).colour);
}

/** Fetch what the view needs, one layer after another; a newer view overtakes an older one. */
async function load() {
  asked += 1;
  const mine = asked;
  const { map } = sheet;
  const box = map.getBounds().pad(0.2);
  const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
    .map((one) => one.toFixed(6)).join(',');
  for (const [name, least] of LAYERS) {
    if (map.getZoom() < least) {
      put(name, null);
      continue;
    }
    try {
      const found = await api.get(`/api/layers/${name}.geojson`, { bbox, valid_at: moment.day });
      if (mine !== asked) return;
      put(name, found);
    } catch (error) {
      if (mine === asked && error.status) api.failed(error);
      return;
    }
  }
  pins();
}

function put(name, data) {
  const { L, map, groups } = sheet;
  groups.get(name)?.remove();
  groups.delete(name);
  if (!data) return;
  const p = palette();
  const fill = colourOf(name);
  const isLine = name === 'streets';
  groups.set(name, L.geoJSON(data, {
    filter: ({ geometry }) => geometry && geometry.type !== 'Point',
    style: ({ properties }) => (isLine ? { color: p.casing, weight: 4 } : { fillOpacity: 1,
      fillColor: fill(properties), color: p.compound_line, weight: name === 'buildings' ? 1 : 0.6 }),
    onEachFeature: ({ id, properties }, layer) => {
      const identifier = properties.identifier ?? id;
      const label = properties.label ?? properties.name;
      if (label && map.getZoom() >= (name === 'buildings' ? 17 : 15)) {
        layer.bindTooltip(L.Util.template('{label}', { label: escaped(label) }),
          { permanent: true, direction: 'center', className: 'plain-label' });
      }
      if (identifier && name !== 'grounds') layer.on('click', () => go(identifier));
    },
  }).addTo(map));
}

/** Leaflet takes HTML for a label: a name is never that. */
const escaped = (text) => String(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

function mark(place) {
  const { L, map, chosen } = sheet;
  chosen.clearLayers();
  if (!place) return;
  const shape = place.volume?.polygon ?? place.geometry
    ?? (place.point && { type: 'Point', coordinates: place.point });
  if (!shape) return;
  const style = { color: palette().accent, weight: 3, fillOpacity: 0.25 };
  const drawn = L.geoJSON(shape, { style, interactive: false,
    pointToLayer: (_, at) => L.circleMarker(at, { ...style, radius: 9 }) }).addTo(chosen);
  const left = innerWidth > 900 ? 380 : 20;
  map.fitBounds(drawn.getBounds(), { maxZoom: 19, paddingTopLeft: [left, 80],
    paddingBottomRight: [40, 60] });
}

function pins() {
  const { L, pins: group } = sheet;
  group.clearLayers();
  for (const { geometry, properties } of incidentPoints()) {
    const [lon, lat] = geometry.coordinates;
    L.circleMarker([lat, lon], { radius: 5 + properties.lvl * 2, weight: 2,
      color: palette().halo, fillColor: palette().incident[properties.lvl - 1], fillOpacity: 1 })
      .on('click', () => properties.building && go(properties.building)).addTo(group);
  }
}
