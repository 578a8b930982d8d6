// Open incidents: pins above the roofs and the same in a list; the list and the pins agree.
import * as api from './api.mjs';
import { app, go } from './app.mjs';
import { $, announce, h } from './dom.mjs';
import { setup, t } from './setup.mjs';
import { side } from './side.mjs';
import { padding } from './view.mjs';

const EVERY_MS = 30000;
let features = [];
let known = null;

export function startIncidents() {
  side('incidents', $('incidents-button'), t('incidents_label'), fill);
  load();
  setInterval(() => { if (!document.hidden) load(); }, EVERY_MS);
}

async function load() {
  let found;
  try {
    found = await api.get('/api/incidents');
  } catch {
    return;
  }
  features = found.features;
  for (const { properties } of features) {
    if (!properties.kind) properties.kind = t('incident_in', properties.number);
  }
  const count = features.reduce((sum, { properties }) => sum + properties.number, 0);
  $('incident-count').textContent = String(count);
  $('incident-count').hidden = !count;
  tellNew();
  drawIncidents();
}

/** Say which incidents came since the last look; urgent ones interrupt. */
function tellNew() {
  const now = new Map(features.map(({ properties }) => [properties.identifier, properties]));
  if (known) {
    for (const [identifier, { kind, lvl }] of now) {
      if (!known.has(identifier)) announce(`${t(`level${lvl}`)} · ${kind}`, lvl === 3);
    }
  }
  known = now;
}

export function drawIncidents() {
  app.map?.getSource('incident')?.setData({ type: 'FeatureCollection', features });
}

function fill(body) {
  const sorted = [...features].sort((a, b) => b.properties.lvl - a.properties.lvl);
  body.append(sorted.length ? h('ul', { class: 'rows' }, sorted.map(row))
    : h('p', { class: 'tag' }, t('incidents_none')));
}

function row({ properties, geometry }) {
  const { lvl, kind, status, where, requested_at: at } = properties;
  const when = at ? new Date(at).toLocaleString(setup.language === 'zh' ? 'zh-CN' : 'en-GB',
    { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' }) : '';
  return h('li', { class: `l${lvl}` }, h('button', { type: 'button', class: 'row',
    onclick: () => choose(properties, geometry.coordinates) },
  h('span', { class: `dot l${lvl}`, 'aria-hidden': 'true' }),
  h('span', { class: 'name' }, kind, h('span', { class: 'more' },
    [where, status, when].filter(Boolean).join(' · '))),
  h('span', { class: 'level' }, t(`level${lvl}`))));
}

/** Show an incident: its building opened, or the spot it lies at. */
export function choose({ building }, point) {
  if (building) {
    go(building);
    return;
  }
  app.map?.flyTo({ center: point, zoom: 17.5, duration: 1200, padding: padding(0) });
}
