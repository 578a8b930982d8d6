// Open incidents: pins above the roofs and the same in a list; choosing one in either place
// chooses it in both. A new one is said, and ripples once. What comes in by the stream is shown
// at once; without a stream the page asks every half minute.
import * as api from './api.mjs';
import { app, buildingOf, close, go, onPlace } from './app.mjs';
import { $, announce, h } from './dom.mjs';
import { ripple } from './ripple.mjs';
import { dateTime, setup, t } from './setup.mjs';
import { openSide, side, sideShown } from './side.mjs';
import { padding } from './view.mjs';

const EVERY_MS = 30000;
const STREAM = '/api/incidents/stream';
let features = [];
let known = null;
let chosen = null;
let body = null;
let stream = null;

export function startIncidents() {
  side('incidents', $('incidents-button'), t('incidents_label'), (into) => {
    body = into;
    fill();
  });
  onPlace(leave);
  load();
  setInterval(look, EVERY_MS);
  if (setup.live) listen();
  api.onBack(load);
}

/** What comes, changes and goes; at each beginning the whole list is read anew. */
function listen() {
  stream = new EventSource(STREAM);
  // A stream that breaks off asks at once whether the server is there: a lost line is shown.
  stream.addEventListener('error', load);
  stream.addEventListener('hello', load);
  stream.addEventListener('incident', ({ data }) => {
    const { feature, removed } = JSON.parse(data);
    const gone = removed ?? feature?.properties.identifier;
    if (!gone) return;
    const others = features.filter(({ properties }) => properties.identifier !== gone);
    take(feature ? [feature, ...others] : others);
  });
}

/** Where the stream does not serve the page asks; one that was refused is asked for again. */
function look() {
  if (stream?.readyState === EventSource.OPEN) return;
  load();
  if (stream?.readyState === EventSource.CLOSED) listen();
}

async function load() {
  let found;
  try {
    found = await api.get('/api/incidents');
  } catch {
    return;
  }
  take(found.features);
}

function take(found) {
  features = found;
  for (const { properties } of features) {
    if (!properties.kind) properties.kind = t('incident_in', properties.number);
  }
  const count = features.reduce((sum, { properties }) => sum + properties.number, 0);
  $('incident-count').textContent = String(count);
  $('incident-count').hidden = !count;
  tellNew();
  drawIncidents();
  if (sideShown() === 'incidents') fill();
}

/** Say which incidents came since the last look; urgent ones interrupt. */
function tellNew() {
  const now = new Map(features.map((one) => [one.properties.identifier, one]));
  if (known) {
    for (const [identifier, { properties, geometry }] of now) {
      if (known.has(identifier)) continue;
      announce(`${t(`level${properties.lvl}`)} · ${properties.kind}`, properties.lvl === 3);
      ripple(geometry.coordinates, properties);
    }
  }
  known = new Set(now.keys());
}

export function drawIncidents() {
  for (const { properties } of features) properties.chosen = properties.identifier === chosen;
  app.map?.getSource('incident')?.setData({ type: 'FeatureCollection', features });
}

/** Every open incident as a point, for maps of another kind. */
export const incidentPoints = () => features;

/** The open incidents in or at a building. */
export const incidentsAt = (building) => features
  .filter(({ properties }) => properties.building === building);

/** Those of them that can be named as a case; what is in a dwelling is not told one by one. */
export const casesAt = (building) => incidentsAt(building).map(({ properties }) => properties)
  .filter(({ identifier }) => identifier[0] === 'i');

function fill() {
  const late = ({ properties }) => (properties.overdue ? 1 : 0);
  const sorted = [...features].sort((a, b) => b.properties.lvl - a.properties.lvl
    || late(b) - late(a)
    || (b.properties.requested_at ?? '').localeCompare(a.properties.requested_at ?? ''));
  const at = body.scrollTop;
  body.replaceChildren(sorted.length ? h('ul', { class: 'rows' }, sorted.map(incidentRow))
    : h('p', { class: 'note' }, t('incidents_none')));
  body.scrollTop = at;
  body.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
}

export function incidentRow({ properties, geometry }) {
  const { lvl, kind, status, where, requested_at: at, overdue, identifier } = properties;
  return h('li', { class: `l${lvl}${overdue ? ' late' : ''}` }, h('button', { type: 'button',
    class: 'row', 'aria-current': String(identifier === chosen),
    onclick: () => choose(properties, geometry.coordinates) },
  h('span', { class: `dot l${lvl}`, 'aria-hidden': 'true' }),
  h('span', { class: 'name' }, kind, h('span', { class: 'more' },
    [where, status, at && dateTime(at)].filter(Boolean).join(' · '))),
  h('span', { class: 'level' }, t(`level${lvl}`), overdue ? h('b', {}, t('overdue')) : null)),
  identifier === chosen && identifier[0] === 'i' ? deeds(identifier) : null);
}

/** What can be done about the chosen incident: send somebody out, or muster its building. */
function deeds(identifier) {
  const link = (may, path, words) => (setup.may[may]
    ? h('a', { class: 'button', href: path, target: '_blank', rel: 'noopener' }, t(words)) : null);
  return h('p', { class: 'deeds' },
    link('dispatch', `/dispatch/${identifier}`, 'dispatch_card'),
    link('muster', `/emergencies/new?incident=${identifier}`, 'muster_list'));
}

/**
 * Show an incident: its building opened, or the spot it lies at, where nothing else stays open
 * and only the list tells of it.
 */
export function choose({ building, identifier }, point) {
  if (!building) close();
  mark(identifier);
  if (building) {
    go(building);
    return;
  }
  if (sideShown() !== 'incidents') openSide('incidents');
  app.map?.flyTo({ center: point, zoom: 17.5, duration: 1200, essential: false,
    padding: padding(0) });
}

function mark(identifier) {
  chosen = identifier;
  drawIncidents();
  if (sideShown() === 'incidents') fill();
}

/** Another place is shown, or none: the incident that was chosen is no longer what one looks at. */
function leave(place) {
  const one = chosen && features.find(({ properties }) => properties.identifier === chosen);
  if (one && place && buildingOf(place) === one.properties.building) return;
  if (chosen) mark(null);
}
