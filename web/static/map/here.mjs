// What is here? Any spot of the map: every place that holds it, the smallest first, with the
// height and the storey where a building is hit.
import * as api from './api.mjs';
import { app, go } from './app.mjs';
import { onScreen } from './camera.mjs';
import { announce, h } from './dom.mjs';
import { drawAround } from './drawing.mjs';
import { dated } from './moment.mjs';
import { levelName } from './panel.mjs';
import { number, t } from './setup.mjs';
import { Popup } from './view.mjs';

const STEPS = 60;

/** Tell every place that holds this spot, the smallest first; each can be gone to. */
export async function whatIsHere({ lng, lat }, point) {
  const hit = hitAt(point);
  const spot = hit?.spot ?? [lng, lat];
  const body = h('div', { class: 'popup' }, h('p', { class: 'note' }, t('searching')));
  const popup = new Popup({ closeButton: true, maxWidth: '320px',
    padding: { top: 72, bottom: 16, left: 16, right: 16 } }).setLngLat([lng, lat])
    .setDOMContent(body).addTo(app.map);
  const [lon, north] = spot.map((one) => one.toFixed(7));
  let found = null;
  try {
    found = await api.get('/api/lookup/reverse', dated({ lon, lat: north, floor: hit?.floor,
      height: hit && hit.floor === undefined ? hit.height?.toFixed(1) : null }));
  } catch (error) {
    if (error.status !== 404) {
      body.replaceChildren(h('p', { class: 'note wrong' }, error.message ?? t('offline')));
      return;
    }
  }
  const chain = [...(found?.place?.chain ?? [])].reverse();
  const steps = chain.filter(({ label }) => label).map((step) => h('li', {}, h('button', {
    type: 'button', class: 'row', onclick: () => { popup.remove(); go(step.identifier); } },
  h('span', { class: 'name' }, step.label),
  h('span', { class: 'tag' }, levelName(step.level)))));
  const near = found?.near?.place && h('button', { type: 'button', class: 'row',
    onclick: () => { popup.remove(); go(found.near.place.identifier); } },
  h('span', { class: 'name' }, found.near.place.full_label),
  h('span', { class: 'tag' }, t('near_by', number(found.near.metres))));
  body.replaceChildren(h('h2', {}, t(steps.length ? 'here' : 'here_none')),
    h('ul', { class: 'rows' }, steps), ...(near ? [h('ul', { class: 'rows' },
      h('li', {}, near))] : []),
    h('p', { class: 'note' }, [`${lon}, ${north}`, hit?.height !== undefined
      && t('here_height', number(hit.height))].filter(Boolean).join(' · ')),
    h('p', { class: 'actions' }, h('button', { type: 'button', onclick: () => {
      popup.remove();
      drawAround(spot);
    } }, t('here_radius'))));
  announce(steps.length ? `${t('here')} ${chain[0].label}` : t('here_none'));
}

/** The unit or building under the pointer, where on it, and how high. */
function hitAt(point) {
  const layers = ['unit', 'units-all', 'building'].filter((id) => app.map.getLayer(id));
  const [hit] = app.map.queryRenderedFeatures(point, { layers });
  if (!hit) return null;
  const { base = 0, top, height, floor } = hit.properties;
  const roof = top ?? height;
  const spot = middleOf(hit.geometry);
  if (floor !== undefined) return { floor, spot, height: (base + roof) / 2 };
  // On a wall or a roof: the height at which the building's axis crosses the pointer's row.
  let best = { gap: Infinity, height: roof };
  for (let i = 0; i <= STEPS; i += 1) {
    const metres = roof * i / STEPS;
    const gap = Math.abs(onScreen(app.map, spot, metres)[1] - point.y);
    if (gap < best.gap) best = { gap, height: metres };
  }
  return { spot, height: Math.min(best.height, roof - 0.1) };
}

function middleOf({ type, coordinates }) {
  const ring = type === 'Polygon' ? coordinates[0] : coordinates[0][0];
  const sum = ring.slice(1).reduce(([x, y], one) => [x + one[0], y + one[1]], [0, 0]);
  return sum.map((one) => one / (ring.length - 1));
}
