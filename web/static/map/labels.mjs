// Symbols are not depth tested: a roof label would show through the tower before it. After each
// rest of the camera, labels whose roof is not what one sees there are taken off.
import { onScreen } from './camera.mjs';
import { isFlat } from './view.mjs';
import { open } from './building.mjs';

const MOST = 220;
const LABELS = [['building-label', 'building_label'], ['section-label', 'section']];
const hidden = new Map();

export function watchLabels(map) {
  let wanted = 0;
  map.on('idle', () => {
    cancelAnimationFrame(wanted);
    wanted = requestAnimationFrame(() => update(map));
  });
}

function update(map) {
  const found = new Set();
  for (const [layer, sourceLayer] of LABELS) {
    if (!map.getLayer(layer)) continue;
    for (const feature of map.queryRenderedFeatures({ layers: [layer] }).slice(0, MOST)) {
      const key = `${sourceLayer}/${feature.id}`;
      if (found.has(key)) continue;
      found.add(key);
      set(map, key, sourceLayer, feature.id, !isFlat() && covered(map, feature));
    }
  }
}

function covered(map, { geometry, properties }) {
  const own = properties.building ?? properties.identifier;
  const point = onScreen(map, geometry.coordinates, properties.height - 0.2);
  const { clientWidth: width, clientHeight: height } = map.getCanvas();
  if (point[0] < 0 || point[1] < 0 || point[0] > width || point[1] > height) return false;
  if (open.now) {
    if (own === open.now.identifier) return true;
    return map.queryRenderedFeatures(point, { layers: ['unit', 'unit-up', 'slab'] }).length > 0;
  }
  const [first] = map.queryRenderedFeatures(point, { layers: ['building'] });
  return Boolean(first) && first.id !== own;
}

function set(map, key, sourceLayer, id, now) {
  if ((hidden.get(key) ?? false) === now) return;
  hidden.set(key, now);
  map.setFeatureState({ source: 'base', sourceLayer, id }, { hidden: now ? 1 : 0 });
}

/** A new style knows nothing of what was hidden in the old one. */
export const forgetLabels = () => hidden.clear();
