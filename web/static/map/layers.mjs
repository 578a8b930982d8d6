// The layers panel: every layer of the map with its legend, opacity, filter and order, and the
// overlays with theirs. What is hidden, faded or filtered stands in links and saved views.
import { app } from './app.mjs';
import { fadeMass } from './building.mjs';
import { applyFilters, filterControl, filtersText, restoreFilters } from './filters.mjs';
import { $, h } from './dom.mjs';
import { legendOf } from './legend.mjs';
import { applyOpacity, opacity } from './fading.mjs';
import { linkPart, writeLink } from './link.mjs';
import { applyOrder, inOrder, isOrdered, move, orderText, restoreOrder } from './order.mjs';
import { onOverlays, overlays, overlaysText, reorder, restoreOverlays } from './overlays.mjs';
import { palette, setup, t } from './setup.mjs';
import { side, sideShown } from './side.mjs';
import { viewSection } from './views.mjs';
import { isFlat, setFlat } from './view.mjs';

const EXTRA = ['shadows', 'incidents'];
const USUALLY_OFF = ['grids'];
const off = new Set(USUALLY_OFF);
let body = null;

/** What the panel lists besides overlays: the catalogue's layers drawn in tiles, and two more. */
const groups = [...setup.layers.filter(({ name }) => !['units', 'entrances'].includes(name)),
  ...EXTRA.map((name) => ({ name, title: t(`group_${name}`), legend: [], filters: [] }))];

export function startLayers() {
  side('layers', $('layers-button'), t('layers'), (into) => { body = into; fill(); });
  onOverlays(() => { fade(); if (sideShown() === 'layers') fill(); said(); });
  linkPart('l', { write: layersText, read: restoreLayers });
  linkPart('f', { write: filtersText, read: restoreFilters });
  linkPart('z', { write: orderText, read: restoreOrder });
  linkPart('o', { write: overlaysText, read: restoreOverlays });
}

const said = () => { if (app.map) writeLink(app.map); };

function fill() {
  const open = new Set([...body.querySelectorAll('details[open]')].map((one) => one.dataset.key));
  const at = body.scrollTop;
  body.replaceChildren(viewSection(), h('h2', {}, t('layers_over')),
    ...[...overlays].reverse().map(overlayRow), h('h2', {}, t('layers_base')),
    ...inOrder(groups).map(groupRow));
  for (const one of body.querySelectorAll('details')) one.open = open.has(one.dataset.key);
  body.scrollTop = at;
}

function row({ key, title, about, on, toggle, inside }) {
  const box = h('input', { type: 'checkbox', checked: on,
    onchange: (event) => toggle(event.target.checked) });
  return h('div', { class: 'layer' }, h('label', { class: 'switch', title: about }, box,
    h('span', {}, title)), inside.length ? h('details', { 'data-key': key },
    h('summary', { 'aria-label': t('layer_more', title), title: t('layer_more', title) }),
    h('div', { class: 'layer-body' }, about ? h('p', { class: 'note' }, about) : null,
      ...inside)) : null);
}

function groupRow({ name, title, about, legend, filters }) {
  return row({ key: name, title, about, on: !off.has(name),
    toggle: (on) => {
      if (on) off.delete(name); else off.add(name);
      applyLayers();
      said();
    },
    inside: [legendOf(name === 'streets' ? asDrawn(legend) : legend), slider(opacity.get(name) ?? 1, (value) => {
      opacity.set(name, value);
      fade();
      said();
    }), filters.length ? filterControl(name, said) : null,
    isOrdered(name) ? order(title, (by) => {
      if (move(name, by)) { fill(); said(); }
    }) : null].filter(Boolean) });
}

/** The map draws streets as areas in colours of its own: those that look alike are one entry. */
function asDrawn(legend) {
  const { road, road_major: major } = palette();
  const labels = new Map();
  for (const { value, label } of legend) {
    const colour = value === 'main' ? major : road;
    labels.set(colour, [...labels.get(colour) ?? [], label]);
  }
  return [...labels].map(([colour, all]) => ({ colour, label: all.join(' · ') }));
}

function overlayRow(one) {
  const { declared } = one;
  const controls = h('div', { class: 'controls' });
  declared.controls?.(controls);
  const legend = declared.legend?.();
  return row({ key: `over-${one.id}`, title: declared.title, about: declared.about, on: one.on,
    toggle: (on) => one.set({ on }),
    inside: [controls, legend instanceof Element ? legend : legendOf(legend ?? []),
      slider(one.opacity, (value) => one.set({ opacity: value })), overlays.length > 1
        ? order(declared.title, (by) => reorder(one, by)) : null].filter(Boolean) });
}

function slider(value, change) {
  return h('label', { class: 'opacity' }, t('opacity'), h('input', { type: 'range', min: 0.1,
    max: 1, step: 0.1, value, onchange: (event) => change(Number(event.target.value)) }));
}

function order(title, change) {
  const button = (by, label, sign) => h('button', { type: 'button', class: 'icon', title: label,
    'aria-label': `${label}: ${title}`, onclick: () => change(by) }, sign);
  return h('p', { class: 'order' }, t('order'),
    button(1, t('order_up'), '↑'), button(-1, t('order_down'), '↓'));
}

/** Show, hide, fade and filter as chosen; also after a change of theme. */
export function applyLayers() {
  const { map } = app;
  if (!map) return;
  for (const layer of map.getStyle().layers) {
    const group = layer.metadata?.group;
    if (group) map.setLayoutProperty(layer.id, 'visibility', off.has(group) ? 'none' : 'visible');
  }
  if (!off.has('buildings')) map.setLayoutProperty('building-foot', 'visibility', 'none');
  fade();
  applyFilters();
  applyOrder();
  if (isFlat()) setFlat(map, true, { move: false });
}

function fade() {
  if (!app.map) return;
  applyOpacity();
  fadeMass(app.map);
}

/** Layers as a link says them: -NAME hidden, +NAME shown against custom, NAME~0.5 faded. */
function layersText() {
  const names = groups.map(({ name }) => name);
  const switched = names.filter((name) => off.has(name) !== USUALLY_OFF.includes(name))
    .map((name) => `${off.has(name) ? '-' : '+'}${name}`);
  return [...switched, ...[...opacity].filter(([, value]) => value < 1)
    .map(([name, value]) => `${name}~${value}`)].join(',');
}

function restoreLayers(text) {
  off.clear();
  opacity.clear();
  USUALLY_OFF.forEach((name) => off.add(name));
  for (const part of text.split(',').filter(Boolean)) {
    const [name, value] = part.replace(/^[-+]/, '').split('~');
    if (part[0] === '-') off.add(name);
    else if (part[0] === '+') off.delete(name);
    else if (Number(value) > 0 && Number(value) <= 1) opacity.set(name, Number(value));
  }
  applyLayers();
  if (sideShown() === 'layers') fill();
}
