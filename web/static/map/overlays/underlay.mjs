// Imagery and terrain of the operator's own, under everything else; offered where there are some.
import { notice } from '../dom.mjs';
import { register } from '../overlays.mjs';
import { setup, t } from '../setup.mjs';

const { imagery, terrain } = setup.underlays;
const TILES = (name) => [`${location.origin}/tiles/underlay/${name}/{z}/{x}/{y}`];

for (const one of [imagery, terrain]) {
  if (one?.problem) setTimeout(() => notice(one.problem, one.problem, { seconds: 0 }), 0);
}

if (imagery && !imagery.problem) {
  register({
    id: 'imagery', title: t('imagery'), about: t('imagery_about'), slot: 'bottom',
    sources: () => ({ imagery: { type: 'raster', tiles: TILES('imagery'), tileSize: 256,
      ...imagery } }),
    layers: () => [{ id: 'imagery', source: 'imagery', type: 'raster' }],
  });
}

if (terrain && !terrain.problem) {
  const source = { type: 'raster-dem', encoding: 'terrarium', tileSize: 256, ...terrain,
    tiles: TILES('terrain') };
  register({
    id: 'terrain', title: t('terrain'), about: t('terrain_about'), slot: 'bottom',
    // MapLibre wants a source of its own for the ground and one for its shading.
    sources: () => ({ ground: source, shading: source }),
    layers: () => [{ id: 'shading', source: 'shading', type: 'hillshade',
      paint: { 'hillshade-exaggeration': 0.35 } }],
    drawn: (map) => map.setTerrain({ source: 'ground', exaggeration: 1 }),
    wiped: (map) => map.setTerrain(null),
  });
}
