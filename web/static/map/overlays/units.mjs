// All units of all buildings at once, coloured by their use. Who lives there is never on a map.
import { go } from '../app.mjs';
import { expression } from '../colours.mjs';
import { register } from '../overlays.mjs';
import { setup, t } from '../setup.mjs';
import { tileAddress } from '../view.mjs';

const { title, about, legend } = setup.layers.find(({ name }) => name === 'units');

const overlay = register({
  id: 'units', title, about: `${about} ${t('units_from')}`, slot: 'solids',
  glass: true,
  sources: () => ({ units: { type: 'vector', minzoom: 15, maxzoom: 16, promoteId: 'identifier',
    tiles: [tileAddress('units')] } }),
  layers: () => [{ id: 'units-all', source: 'units', 'source-layer': 'unit',
    type: 'fill-extrusion', minzoom: 15, paint: {
      'fill-extrusion-color': expression('use', legend),
      'fill-extrusion-base': ['+', ['get', 'base'], 0.18],
      'fill-extrusion-height': ['-', ['get', 'top'], 0.06],
      'fill-extrusion-vertical-gradient': false } }],
  legend: () => legend,
  at: () => { if (overlay.on) overlay.redraw(); },
  pick: ({ properties }) => { go(properties.identifier); return true; },
});
