// The day that is shown: scene, lookup and panel as they were then. Light and floor bands are
// drawn from the present and are left out of the past.
import { app, close, go } from './app.mjs';
import { draw, open, reopen } from './building.mjs';
import { $, announce, h } from './dom.mjs';
import { linkPart, writeLink } from './link.mjs';
import { moment } from './moment.mjs';
import { overlaysAt } from './overlays.mjs';
import { t } from './setup.mjs';
import { tileAddress } from './view.mjs';

const OF_NOW = ['shadow', 'ao', 'band', 'section-label', 'incident'];
const ISO = /^\d{4}-\d{2}-\d{2}$/;

export function startDay() {
  linkPart('d', { write: () => moment.day ?? '', read: (text) => set(ISO.test(text) ? text : null) });
  const field = h('input', { type: 'date', id: 'day', min: '1900-01-01', max: today(),
    'aria-label': t('day'), tabindex: -1, onchange: () => {
      set(field.value && field.value < today() ? field.value : null);
    } });
  const button = h('button', { type: 'button', id: 'day-button', title: t('day_title'),
    onclick: () => field.showPicker() }, t('day_is_now'));
  $('day-slot').append(field, button);
}

const today = () => new Date().toLocaleDateString('sv-SE');

/** Show another day, or now (null). */
export async function set(day) {
  if (day === moment.day) return;
  moment.day = day;
  $('day').value = day ?? '';
  $('day-button').textContent = day ?? t('day_is_now');
  $('day-button').setAttribute('aria-pressed', String(Boolean(day)));
  banner();
  announce(day ? t('day_shown', day) : t('day_now'));
  overlaysAt(day);
  if (!app.map) return;
  applyDay();
  writeLink(app.map);
  const { place } = app;
  if (open.now) await reopen(app.map);
  if (place && !(await go(place.identifier, { fly: false }))) close();
  draw(app.map);
}

/** Ask for that day's tiles, and hide what only now has; also after a change of theme. */
export function applyDay() {
  const { map } = app;
  const source = map.getSource('base');
  if (source && (moment.day || source.tiles?.[0]?.includes('valid_at'))) {
    source.setTiles([tileAddress('base')]);
  }
  if (!moment.day && !map.dayHidden) return;
  map.dayHidden = Boolean(moment.day);
  for (const id of OF_NOW) {
    if (map.getLayer(id)) {
      map.setLayoutProperty(id, 'visibility', moment.day ? 'none' : 'visible');
    }
  }
}

function banner() {
  $('day-banner').hidden = !moment.day;
  $('day-banner').replaceChildren(t('day_shown', moment.day ?? ''), h('button', { type: 'button',
    onclick: () => set(null) }, t('day_back')));
}
