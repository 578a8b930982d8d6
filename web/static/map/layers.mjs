// Which layers are shown, and what their colours mean.
import { $, h } from './dom.mjs';
import { app } from './app.mjs';
import { code, palette, setup, t } from './setup.mjs';
import { side } from './side.mjs';
import { isFlat, setFlat } from './view.mjs';

const GROUPS = ['buildings', 'compounds', 'streets', 'grounds', 'shadows', 'plates', 'divisions',
  'grids', 'facilities', 'incidents'];
const off = new Set(['grids']);

export function startLayers() {
  side('layers', $('layers-button'), t('layers'), fill);
}

function fill(body) {
  body.append(...GROUPS.map((group) => h('label', { class: 'switch' }, h('input', {
    type: 'checkbox', checked: !off.has(group),
    onchange: (event) => toggle(group, event.target.checked),
  }), t(`group_${group}`))));
  body.append(h('h2', {}, t('legend_buildings')), legend('buildings', 'building_function'),
    h('h2', {}, t('legend_units')), legend('units', 'unit_use'));
}

function toggle(group, on) {
  if (on) off.delete(group); else off.add(group);
  applyLayers();
}

/** Show and hide as chosen; also after a change of theme. */
export function applyLayers() {
  const { map } = app;
  if (!map) return;
  for (const layer of map.getStyle().layers) {
    const group = layer.metadata?.group;
    if (group) map.setLayoutProperty(layer.id, 'visibility', off.has(group) ? 'none' : 'visible');
  }
  if (!off.has('buildings')) map.setLayoutProperty('building-foot', 'visibility', 'none');
  if (isFlat()) setFlat(map, true, { move: false });
}

function legend(name, list) {
  const { recolour } = palette();
  return h('ul', { class: 'legend' }, Object.entries(setup.symbols[name]).map(([value, colour]) => {
    const swatch = h('span', { class: 'swatch' });
    swatch.style.background = recolour[colour] ?? colour;
    return h('li', {}, swatch, value === 'other' ? code(list, 'other') : code(list, value));
  }));
}
