// At 4K without scaling, seen from across the room, words and pins grow with the panels.
import { faded } from './overlays.mjs';

const FROM_PX = 2600;
const BY = 1.6;

/** How much larger than usual everything is shown; map.css says the same of the panels. */
export const larger = () => (innerWidth >= FROM_PX ? BY : 1);

/** Let the words and pins of a style grow. */
export function enlarge(style) {
  if (larger() === 1) return style;
  for (const layer of style.layers) {
    if (layer.type !== 'symbol') continue;
    const { 'text-size': words = 16, 'icon-size': pins = 1 } = layer.layout ?? {};
    layer.layout = { ...layer.layout, 'text-size': faded(words, BY), 'icon-size': faded(pins, BY) };
  }
  return style;
}
