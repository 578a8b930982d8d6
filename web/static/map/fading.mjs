// How strongly each group of layers is drawn.
import { app } from './app.mjs';
import { faded } from './overlays.mjs';

const PROPERTIES = { fill: ['fill-opacity'], line: ['line-opacity'],
  'fill-extrusion': ['fill-extrusion-opacity'], symbol: ['text-opacity', 'icon-opacity'] };
/** Opacity by group; what is not here is drawn as the style says. */
export const opacity = new Map();
/** What a style declares, kept when first changed: each fading starts from that. */
const declared = new WeakMap();

/** Fade what is to be faded; also after a change of theme. */
export function applyOpacity() {
  const { map } = app;
  if (!map || !(opacity.size || declared.has(map.style))) return;
  if (!declared.has(map.style)) declared.set(map.style, new Map());
  const first = declared.get(map.style);
  for (const { id, type, metadata } of map.getStyle().layers) {
    // The mass of buildings turns to glass and back by itself: building.mjs knows when.
    if (!metadata?.group || ['building', 'building-foot'].includes(id)) continue;
    for (const property of PROPERTIES[type] ?? []) {
      const key = `${id}/${property}`;
      if (!first.has(key)) first.set(key, map.getPaintProperty(id, property));
      const value = faded(first.get(key), opacity.get(metadata.group) ?? 1);
      map.setPaintProperty(id, property, value);
    }
  }
}
