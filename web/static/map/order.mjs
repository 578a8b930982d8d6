// The order of the registry's own flat layers, as chosen in the layers panel. What stands on the
// ground, pins and words always lie over them.
import { app } from './app.mjs';
import { drawOverlays } from './overlays.mjs';

/** As the style draws them, the lowest first. */
const USUAL = ['compounds', 'grounds', 'streets', 'grids', 'divisions'];
/** All of them are drawn under this layer of the style. */
const UNDER = 'shadow';
let order = [...USUAL];
let moved = false;

export const isOrdered = (name) => USUAL.includes(name);

/** Names with those that can be ordered at the end, the topmost of them first. */
export const inOrder = (groups) => [...groups.filter(({ name }) => !isOrdered(name)),
  ...order.toReversed().map((name) => groups.find((one) => one.name === name)).filter(Boolean)];

/** Move one of them up (1) or down (-1); false where it is at the end already. */
export function move(name, by) {
  const at = order.indexOf(name);
  const to = at + by;
  if (to < 0 || to >= order.length) return false;
  [order[at], order[to]] = [order[to], order[at]];
  applyOrder();
  return true;
}

/** Put the layers of the map in this order; also after a change of theme. */
export function applyOrder() {
  const { map } = app;
  const usual = order.every((name, i) => name === USUAL[i]);
  if (!map || (usual && !moved)) return;
  moved = true;
  const flat = map.getStyle().layers.filter(({ type, source }) => type !== 'symbol'
    && source === 'base');
  for (const name of order) {
    for (const { id, metadata } of flat) {
      if (metadata?.group === name) map.moveLayer(id, UNDER);
    }
  }
  drawOverlays();
}

/** The order as a link says it: '' for the usual one. */
export const orderText = () => (order.every((name, i) => name === USUAL[i]) ? '' : order.join(','));

export function restoreOrder(text) {
  const said = text.split(',').filter(isOrdered);
  order = [...new Set([...said, ...USUAL])];
  applyOrder();
}
