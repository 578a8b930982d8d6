// Mouse and touch on the map: hover, open, pick, one level up, and what is here.
import { app, back, go } from './app.mjs';
import { open } from './building.mjs';
import { onScreen } from './camera.mjs';
import { corner, isDrawing } from './drawing.mjs';
import { whatIsHere } from './here.mjs';
import { choose as chooseIncident } from './incidents.mjs';
import { pickable, pickOverlay } from './overlays.mjs';
import { solidAt } from './solids.mjs';
import { isFlat } from './view.mjs';

const LONG_MS = 600;
const PINS = ['incident', 'facility', 'facility-small'];
let hovered = null;

/** Ghosts never take a click: only these layers are asked, nearest first. */
function layers() {
  const solid = isFlat() || app.map.getZoom() < 14 ? ['building-flat', 'building-foot']
    : ['building'];
  return [...PINS, 'unit', ...pickable(), ...solid].filter((id) => app.map.getLayer(id));
}

function at(point) {
  const found = app.map.queryRenderedFeatures(point, { layers: layers() });
  const pin = found.find(({ layer }) => PINS.includes(layer.id));
  if (pin) return pin;
  return found.find(({ layer, id }) => layer.id === 'unit' || id !== open.now?.identifier);
}

export function startPointer() {
  const { map } = app;
  let wanted = 0;
  map.on('mousemove', ({ point }) => {
    cancelAnimationFrame(wanted);
    wanted = requestAnimationFrame(() => {
      if (!map.isMoving() && !isDrawing()) hover(at(point));
    });
  });
  map.on('mouseout', () => hover(null));
  map.on('click', (event) => {
    if (isDrawing()) corner(event);
    else if (event.originalEvent.detail < 2) click(at(event.point), event.lngLat, event.point);
  });
  map.on('contextmenu', ({ lngLat, point }) => whatIsHere(lngLat, point));
  longPress(map);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) back();
  });
}

function click(found, lngLat, point) {
  const solid = ['unit', ...PINS].includes(found?.layer.id) ? null : solidAt(point);
  if (solid && !(found && inFrontOf(found, solid))) {
    go(solid.identifier);
    return;
  }
  if (!found) {
    back();
    return;
  }
  if (pickOverlay(found, lngLat)) return;
  const kind = found.layer.id;
  if (kind === 'unit' && !found.properties.identifier) return;
  if (kind === 'incident') chooseIncident(found.properties, found.geometry.coordinates);
  else go(found.properties.identifier, { fly: kind.startsWith('building') });
}

/** Whether a block stands before a measured building: its foot is lower on the screen. */
function inFrontOf({ geometry, properties }, { front, identifier }) {
  if (properties.identifier === identifier) return false;
  const ring = geometry.type === 'Polygon' ? geometry.coordinates[0] : geometry.coordinates[0][0];
  return Math.max(...ring.map((one) => onScreen(app.map, one, 0)[1])) > front;
}

function hover(found) {
  const { map } = app;
  const solid = found?.id !== undefined && ['unit', 'building'].includes(found?.layer.id);
  map.getCanvas().style.cursor = found ? 'pointer' : '';
  const target = solid ? { source: found.source, id: found.id,
    ...(found.source === 'base' ? { sourceLayer: 'building' } : {}) } : null;
  if (target?.id === hovered?.id && target?.source === hovered?.source) return;
  if (hovered && map.getSource(hovered.source)) map.setFeatureState(hovered, { hover: false });
  hovered = target;
  if (target) map.setFeatureState(target, { hover: true });
}

function longPress(map) {
  let timer = 0;
  map.on('touchstart', ({ lngLat, point, points }) => {
    clearTimeout(timer);
    if (points.length === 1) timer = setTimeout(() => whatIsHere(lngLat, point), LONG_MS);
  });
  for (const end of ['touchend', 'touchcancel', 'touchmove', 'movestart']) {
    map.on(end, () => clearTimeout(timer));
  }
}
