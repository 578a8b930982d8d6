// What the page does with a place: find it, open what holds it, pick it, fly there, tell of it.
import * as api from './api.mjs';
import { announce, busy, notice } from './dom.mjs';
import {
  closeBuilding, floorShown, open, openBuilding, outerWall, pickUnit, raisedBy, showFloor, unitOf,
  unpick,
} from './building.mjs';
import { aimed, boundsOf, distanceFor, fitted, middle, radiusOf } from './camera.mjs';
import { writeLink } from './link.mjs';
import { t } from './setup.mjs';
import { isFlat, padding, restyling } from './view.mjs';

/** The page's state: the map (null without WebGL2), the place shown, and who wants to know. */
export const app = { map: null, place: null, listeners: [] };

/** Call `listener(place)` whenever another place is shown, or null for none. */
export const onPlace = (listener) => app.listeners.push(listener);

let turn = 0;

/** Show a place by its identifier. `fly` moves the camera there; of two calls the later wins. */
export async function go(identifier, { fly = true } = {}) {
  turn += 1;
  const mine = turn;
  const done = busy();
  let place;
  try {
    place = await api.place(identifier);
    if (mine !== turn) return null;
    await restyling();
    if (app.map) await show(place);
  } catch (error) {
    if (mine === turn) api.failed(error);
    return null;
  } finally {
    done();
  }
  if (mine !== turn) return null;
  tell(place);
  if (fly && app.map) flyTo(place);
  return place;
}

/** The building that a place stands in, or is. */
export const buildingOf = (place) => (place.level === 'building' ? place.identifier
  : place.chain?.find(({ level }) => level === 'building')?.identifier ?? null);

/** Mark a place that has no solid: the outline of an area, a street's line, a plate's spot. */
export function markArea(place = app.place) {
  const shape = place && !['unit', 'storey', 'entrance', 'building'].includes(place.level)
    ? place.geometry ?? (place.point && { type: 'Point', coordinates: place.point }) : null;
  app.map.getSource('area').setData({ type: 'FeatureCollection', features: shape
    ? [{ type: 'Feature', properties: {}, geometry: shape }] : [] });
}

async function show(place) {
  markArea(place);
  const building = ['unit', 'storey', 'entrance', 'building', 'facility'].includes(place.level)
    && buildingOf(place);
  if (!building || (place.level === 'facility')) {
    closeBuilding(app.map);
    return;
  }
  await openBuilding(app.map, building);
  if (place.level === 'unit') {
    const unit = pickUnit(app.map, place.identifier);
    if (unit && floorShown() !== null) showFloor(app.map, unit.properties.floor);
  } else {
    unpick(app.map);
  }
  if (place.level === 'storey') showFloor(app.map, place.storey_index);
}

function tell(place) {
  app.place = place;
  for (const listener of app.listeners) listener(place);
  const label = place.full_label ?? place.label;
  if (place.level === 'building') {
    const units = open.now?.units.features.filter(({ properties }) => properties.identifier);
    announce(t('opened', label, units?.length ?? 0));
  } else {
    announce(t('selected', label));
  }
  if (app.map) writeLink(app.map, place.identifier);
}

/** Go one level up: from the unit to its building, from the building to the open map. */
export async function back() {
  turn += 1;
  const { place } = app;
  if (!place) return;
  const inside = ['unit', 'storey', 'entrance'].includes(place.level) && buildingOf(place);
  if (inside) {
    if (app.map) showFloor(app.map, null);
    await go(inside, { fly: false });
    return;
  }
  close();
}

/** Close whatever is open. */
export function close() {
  turn += 1;
  if (restyling()) {
    restyling().then(close);
    return;
  }
  app.place = null;
  if (app.map) {
    closeBuilding(app.map);
    markArea(null);
    writeLink(app.map, null);
  }
  for (const listener of app.listeners) listener(null);
}

/** Move the camera to a place, its door or its outer wall towards the viewer. */
export function flyTo(place) {
  const camera = isFlat() ? null : cameraOf(place);
  const target = camera ?? around(place);
  if (!target) {
    notice('nowhere', t('partial_plain', place.full_label ?? place.label));
    return;
  }
  const options = { duration: 1500, essential: false, padding: padding(0) };
  if (target.bounds) {
    app.map.flyTo({ ...options, ...fitted(app.map, target.bounds, { padding: padding(80),
      maxZoom: 17.2, pitch: isFlat() ? 0 : 54, bearing: app.map.getBearing() }) });
  } else {
    app.map.flyTo({ ...target, ...options });
  }
}

function cameraOf(place) {
  if (!open.now?.bounds) return null;
  const { map } = app;
  if (place.level === 'unit') return towardsUnit(place);
  if (!['building', 'entrance', 'storey'].includes(place.level)) return null;
  const { bounds, height, depth } = open.now;
  const tall = height + depth;
  const radius = Math.hypot(radiusOf(bounds), tall / 2);
  const bearing = map.getBearing() || -28;
  return aimed(map, middle(bounds), tall * 0.45, { distance: distanceFor(map, radius) * 1.06,
    pitch: 60, bearing });
}

/** The unit's outer wall in view, a little from the side so that it reads as a solid. */
function towardsUnit(place) {
  const unit = unitOf(place.identifier);
  if (!unit) return null;
  const { base, top } = unit.properties;
  const wall = outerWall(unit)?.bearing ?? place.camera?.bearing ?? -50;
  const bearing = wall + 22;
  const height = (base + top) / 2 + raisedBy(unit.properties);
  const floorOnly = floorShown() !== null;
  // Near enough to read the door, far enough to know the house.
  const size = Math.hypot(radiusOf(open.now.bounds), open.now.height / 2);
  const distance = Math.min(Math.max(distanceFor(app.map, size) * 0.75, 85), 200);
  return aimed(app.map, middle(boundsOf(unit.geometry.coordinates)), height, {
    distance, pitch: floorOnly ? 54 : 62, bearing });
}

/** For everything without a solid: its bounds, or a point with some room round it. */
function around(place) {
  if (place.geometry?.coordinates && place.geometry.type !== 'Point') {
    const [w, s, e, n] = boundsOf(place.geometry.coordinates);
    return { bounds: [w, s, e, n] };
  }
  if (!place.point) return null;
  const room = Math.min(Math.max((place.precision_m ?? 60) / 111000, 0.0004), 0.05);
  const [x, y] = place.point;
  return { bounds: [x - room, y - room, x + room, y + room] };
}
