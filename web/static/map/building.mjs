// The opened building: slabs and units raised, neighbours ghosted, floors lifted, a unit caged.
import { boundsOf, facing, metresPerDegree, middle, radiusOf } from './camera.mjs';
import { parts } from './api.mjs';
import { opacity } from './fading.mjs';
import { wantsGlass } from './overlays.mjs';
import { isFlat } from './view.mjs';

const EMPTY = { type: 'FeatureCollection', features: [] };
const SOURCES = { units: 'open', slabs: 'slab', doors: 'door', sections: 'sections' };
const GHOST = 0.2;
const ALL_FLOORS = 999;

/** What is open now: identifier, units, slabs, floors, and what is picked; null when nothing is. */
export const open = { now: null, floor: ALL_FLOORS, gap: 0, picked: null };

/** Give every part its place in the order of storeys, which spreads and lifts go by. */
function ranked([units, slabs, doors, sections]) {
  const bases = new Map();
  for (const { properties } of [...slabs.features, ...units.features]) {
    const base = bases.get(properties.floor) ?? Infinity;
    bases.set(properties.floor, Math.min(base, properties.base));
  }
  const floors = [...bases.keys()].sort((a, b) => bases.get(a) - bases.get(b));
  for (const { features } of [units, slabs]) {
    for (const { properties } of features) properties.rank = floors.indexOf(properties.floor);
  }
  const top = Math.max(0, ...slabs.features.map(({ properties }) => properties.base));
  for (const { properties } of slabs.features) {
    // A roof lies above its floor: it lifts away when that floor is looked at.
    if (properties.base === top) {
      Object.assign(properties, { rank: floors.length, floor: properties.floor + 0.5 });
    }
  }
  for (const { properties } of doors.features) properties.rank = floors.indexOf(1);
  for (const { properties } of sections.features) properties.rank = floors.length;
  return floors;
}

/** Where no unit is known, storeys come with a body of their own: it is drawn like a unit. */
function moveBodies(units, slabs) {
  const isBody = ({ properties }) => properties.body;
  units.features.push(...slabs.features.filter(isBody));
  slabs.features = slabs.features.filter((one) => !isBody(one));
}

const storeyNames = (units, slabs) => Object.fromEntries([...slabs.features, ...units.features]
  .filter(({ properties }) => properties.storey)
  .map(({ properties }) => [properties.floor, properties.storey]));

/** Open a building; the same one again is left as it is. Returns what is open. */
export async function openBuilding(map, identifier) {
  if (open.now?.identifier === identifier) return open.now;
  const found = await parts(identifier);
  closeBuilding(map);
  const [units, slabs, doors, sections] = found;
  moveBodies(units, slabs);
  const names = storeyNames(units, slabs);
  const floors = ranked(found);
  const shapes = slabs.features.length ? slabs.features : units.features;
  const bounds = shapes.length ? boundsOf(shapes.map((one) => one.geometry.coordinates)) : null;
  const bases = shapes.map(({ properties }) => properties.base);
  open.now = {
    identifier, units, slabs, doors, sections, floors, bounds,
    names, depth: Math.max(0, -Math.min(0, ...bases)),
    height: Math.max(3, ...shapes.map(({ properties }) => properties.top)),
  };
  open.floor = ALL_FLOORS;
  open.gap = 0;
  draw(map);
  return open.now;
}

/** Open the same building anew: another day is shown. */
export async function reopen(map) {
  const { identifier } = open.now;
  closeBuilding(map);
  await openBuilding(map, identifier).catch(() => closeBuilding(map));
}

/** Put what is open on the map; also after a change of theme. */
export function draw(map) {
  const { now } = open;
  if (!now) return;
  for (const [part, source] of Object.entries(SOURCES)) map.getSource(source).setData(now[part]);
  map.getSource('plate').setData(now.depth > 0.3 ? groundPlate(now) : EMPTY);
  mark(map, now.identifier, { open: 1 });
  setState(map);
  ghost(map, true);
  if (open.picked) pickUnit(map, open.picked);
}

export function closeBuilding(map) {
  if (!open.now) return;
  unpick(map);
  for (const source of [...Object.values(SOURCES), 'plate']) map.getSource(source).setData(EMPTY);
  mark(map, open.now.identifier, { open: 0 });
  open.now = null;
  ghost(map, false);
}

function mark(map, id, state) {
  for (const sourceLayer of ['building', 'building_label']) {
    map.setFeatureState({ source: 'base', sourceLayer, id }, state);
  }
}

/** Neighbours become glass on a drawn footprint, so that they do not read as pits. */
function ghost(map, on) {
  if (isFlat()) return;
  fadeMass(map);
  for (const id of ['band', 'section-label', 'facility', 'facility-small', 'units-all']) {
    if (map.getLayer(id)) map.setLayoutProperty(id, 'visibility', on ? 'none' : 'visible');
  }
  map.setLayoutProperty('building-foot', 'visibility', on ? 'visible' : 'none');
  for (const id of ['shadow', 'ao']) {
    map.setLayoutProperty(id, 'visibility', on ? 'none' : 'visible');
  }
}

/** The mass of buildings: glass while one is opened, else as faded in the layers panel. */
export function fadeMass(map) {
  const whole = opacity.get('buildings') ?? 1;
  map.setPaintProperty('building', 'fill-extrusion-opacity',
    open.now || wantsGlass() ? Math.min(GHOST, whole) : whole);
}

function setState(map) {
  const tower = open.now.floors.length > 12;
  map.setGlobalStateProperty('depth', open.now.depth);
  map.setGlobalStateProperty('gap', open.gap);
  map.setGlobalStateProperty('lift', open.floor === ALL_FLOORS ? 0 : (tower ? 26 : 14));
  map.setGlobalStateProperty('floor', open.floor);
  map.setLayoutProperty('section-open', 'visibility',
    open.floor === ALL_FLOORS ? 'visible' : 'none');
}

/** Look at one floor, those above lifted away; null shows all of them. */
export function showFloor(map, floor) {
  open.floor = floor ?? ALL_FLOORS;
  setState(map);
  if (open.picked) pickUnit(map, open.picked);
}

export const floorShown = () => (open.floor === ALL_FLOORS ? null : open.floor);

/** Spread the storeys by metres each. */
export function spread(map, gap) {
  open.gap = gap;
  map.setGlobalStateProperty('gap', gap);
}

/** How much higher than in the data a part is drawn just now. */
export function raisedBy({ rank = 0, floor }) {
  if (!open.now) return 0;
  const lifted = floor > open.floor ? (open.now.floors.length > 12 ? 26 : 14) : 0;
  return open.now.depth + rank * open.gap + lifted;
}

export const unitOf = (identifier) => open.now?.units.features
  .find(({ properties }) => properties.identifier === identifier);

/** Pick a unit of the open building: accent, cage and its name on it. Returns the feature. */
export function pickUnit(map, identifier) {
  const unit = unitOf(identifier);
  unpick(map);
  if (!unit) return null;
  open.picked = identifier;
  map.setFeatureState({ source: 'open', id: identifier }, { picked: true });
  map.getSource('cage').setData(cage(unit));
  map.getSource('picked').setData(open.floor === unit.properties.floor ? EMPTY : label(unit));
  return unit;
}

export function unpick(map) {
  if (open.picked) map.setFeatureState({ source: 'open', id: open.picked }, { picked: false });
  open.picked = null;
  map.getSource('cage').setData(EMPTY);
  map.getSource('picked').setData(EMPTY);
}

export function unitName({ ent, no }) {
  return ent ? `${ent}-${no ?? ''}` : no ?? '';
}

/** Return the outer wall of a unit that is best seen: bearing and middle, or null. */
export function outerWall(unit) {
  const mates = open.now.units.features.filter((one) => one !== unit
    && one.properties.floor === unit.properties.floor).map((one) => one.geometry);
  return facing(unit.geometry, mates, open.now.slabs.features[0]?.geometry);
}

function label(unit) {
  const { properties, geometry } = unit;
  const wall = outerWall(unit);
  return { type: 'Feature', properties: { ...properties, name: unitName(properties) },
    geometry: { type: 'Point', coordinates: wall?.point
      ?? middle(boundsOf(geometry.coordinates)) } };
}

function groundPlate({ bounds, depth, floors }) {
  const reach = radiusOf(bounds) * 0.25 + 6;
  const [x, y] = metresPerDegree(bounds[1]);
  const [w, s, e, n] = [bounds[0] - reach / x, bounds[1] - reach / y, bounds[2] + reach / x,
    bounds[3] + reach / y];
  const rank = Math.max(0, floors.indexOf(1));
  return { type: 'Feature', properties: { base: -0.35, top: -0.3, rank, floor: -99, depth },
    geometry: { type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] } };
}

/** Rims and posts of thin extrusions round a unit: an outline that depth treats rightly. */
function cage({ geometry, properties }, width = 0.16) {
  const { base, top, floor, rank } = properties;
  const features = [];
  const put = (ring, from, to) => features.push({ type: 'Feature',
    properties: { base: from, top: to, floor, rank },
    geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } });
  const rings = geometry.type === 'Polygon' ? [geometry.coordinates[0]]
    : geometry.coordinates.map(([outer]) => outer);
  for (const ring of rings) {
    const [x, y] = metresPerDegree(ring[0][1]);
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [[x1, y1], [x2, y2]] = [ring[i], ring[i + 1]];
      const [dx, dy] = [(x2 - x1) * x, (y2 - y1) * y];
      const length = Math.hypot(dx, dy) || 1;
      const [ux, uy] = [dx / length * width, dy / length * width];
      const at = (lon, lat, along, aside) => [lon + (ux * along - uy * aside) / x,
        lat + (uy * along + ux * aside) / y];
      const rim = [at(x1, y1, -1, 1), at(x2, y2, 1, 1), at(x2, y2, 1, -1), at(x1, y1, -1, -1)];
      put(rim, base + 0.1, base + 0.1 + width * 1.6);
      put(rim, top - width * 1.2, top + width * 0.6);
      put([at(x1, y1, -1, -1), at(x1, y1, 1, -1), at(x1, y1, 1, 1), at(x1, y1, -1, 1)],
        base + 0.1, top);
    }
  }
  return { type: 'FeatureCollection', features };
}
