// The floors of the opened building: look at one, spread them all. PageUp and PageDown climb,
// from the floor of the picked unit where there is one.
import { app, go, onPlace } from './app.mjs';
import { floorShown, open, showFloor, spread, unitOf } from './building.mjs';
import { $, announce, h } from './dom.mjs';
import { t } from './setup.mjs';

const GAP_MOST = 1.8;
let drawn = null;

export function startFloors() {
  onPlace(() => {
    $('floors').hidden = !open.now || open.now.floors.length < 2;
    if (open.now && drawn !== open.now) fill();
    if (open.now) mark();
    else drawn = null;
  });
  document.addEventListener('keydown', (event) => {
    const step = { PageUp: 1, PageDown: -1 }[event.key];
    if (!step || !open.now || /^(INPUT|SELECT)$/.test(document.activeElement?.tagName)) return;
    event.preventDefault();
    climb(step);
  });
}

/** What people say for a storey: its label, else its number. */
const nameOf = (floor) => open.now.names[floor] ?? (floor < 0 ? `B${-floor}` : `${floor}F`);

function fill() {
  drawn = open.now;
  const { floors, depth } = open.now;
  const list = h('div', { class: 'floor-list', role: 'group', 'aria-label': t('floors') },
    choice(null, t('all_floors')),
    [...floors].reverse().map((floor) => choice(floor, nameOf(floor))));
  const range = h('input', { type: 'range', min: 0, max: GAP_MOST, step: 0.1, value: open.gap,
    oninput: (event) => spread(app.map, Number(event.target.value)) });
  $('floors').replaceChildren(h('h2', {}, t('floors')), list,
    h('label', {}, t('explode'), range),
    ...(depth > 0.3 ? [h('p', { class: 'note' }, t('basement_note'))] : []));
}

function choice(floor, name) {
  return h('button', { type: 'button', 'data-floor': String(floor), 'aria-pressed': 'false',
    class: floor !== null && floor < 0 ? 'below' : null, onclick: () => look(floor) }, name);
}

function look(floor) {
  showFloor(app.map, floor);
  mark();
  announce(floor === null ? t('all_floors') : t('floor_of', nameOf(floor)));
  const picked = unitOf(open.picked);
  if (floor !== null && picked && picked.properties.floor > floor) {
    go(open.now.identifier, { fly: false });
  }
}

function climb(step) {
  const { floors } = open.now;
  const now = floorShown();
  const picked = unitOf(open.picked)?.properties.floor;
  if (now === null && picked !== undefined) {
    look(picked);
    return;
  }
  const at = now === null ? (step > 0 ? -1 : floors.length) : floors.indexOf(now);
  const next = at + step;
  look(next < 0 || next >= floors.length ? null : floors[next]);
}

function mark() {
  const now = String(floorShown());
  for (const button of $('floors').querySelectorAll('[data-floor]')) {
    const on = button.dataset.floor === now;
    button.setAttribute('aria-pressed', String(on));
    if (on) button.scrollIntoView({ block: 'nearest' });
  }
}
