// The place panel: its name, where it is, what is known of it, and what is inside.
import { app, back, close, flyTo, go, onPlace } from './app.mjs';
import { unitName, unitOf } from './building.mjs';
import { surroundings } from './around.mjs';
import { $, announce, h, notice } from './dom.mjs';
import { linkTo } from './link.mjs';
import { occupants } from './occupants.mjs';
import { byName, known, number, setup, t } from './setup.mjs';
import { openShare } from './share.mjs';

const CHILDREN_SHOWN = 60;
const PERSONS = ['unit', 'building'];

// Said elsewhere in the panel, or in words of its own.
const TOLD = new Set(['base_m', 'top_m', 'volume_source', 'storeys_above_ground',
  'storeys_below_ground', 'height', 'label', 'name', 'designator', 'level', 'index']);

export function startPanel() {
  onPlace((place) => {
    $('panel').hidden = !place;
    if (place) show(place);
  });
}

/** How a place is called for short, with its entrance where the number alone repeats. */
export function shortName(place) {
  const entrance = place.level === 'unit'
    && place.chain?.find(({ level }) => level === 'entrance');
  return entrance ? `${entrance.label} ${place.label}` : place.label ?? place.full_label;
}

export const levelName = (level) => (known(`level_${level}`) ? t(`level_${level}`) : level);

function show(place) {
  const panel = $('panel');
  const body = h('div', { class: 'place-body' },
    ...[chain(place), facts(place), actions(place), children(place),
      setup.may.occupants && PERSONS.includes(place.level) ? occupants(place) : null,
      ...surroundings(place)].flat().filter(Boolean));
  panel.replaceChildren(head(place), body);
}

function head(place) {
  const state = ['ended', 'under_review'].includes(place.status) ? ` · ${t(place.status)}` : '';
  return h('div', { class: 'place-head' },
    h('span', { class: 'tag' }, levelName(place.level) + state),
    h('h1', { id: 'place-name' }, shortName(place)),
    h('div', { class: 'tools' },
      button('icon', '‹', t('back'), back), button('icon', '×', t('close'), close)),
    place.full_label && place.full_label !== place.label
      ? h('p', { class: 'full' }, place.full_label) : null);
}

function button(style, text, label, onclick) {
  return h('button', { type: 'button', class: style, title: label, 'aria-label': label, onclick },
    text);
}

/** The chain from the district down; every step can be gone to. */
function chain(place) {
  const steps = (place.chain ?? []).filter(({ label }) => label);
  if (!steps.length) return null;
  const items = steps.map((step) => h('li', {}, h('button', {
    type: 'button', title: levelName(step.level), onclick: () => go(step.identifier),
    'aria-current': step.identifier === place.identifier ? 'location' : null,
  }, step.label)));
  return [h('h2', {}, t('chain')), h('ol', { class: 'chain' }, items)];
}

function facts(place) {
  const given = place.attributes ?? {};
  const said = place.fields ?? {};
  const rows = Object.keys(given).filter((name) => said[name] && !TOLD.has(name)
    && filled(given[name])).map((name) => [inWords(said[name].title),
    written(given[name], said[name])]);
  rows.push(...storeys(place, given), ...exactness(place));
  if (!rows.length) return null;
  return [h('h2', {}, t('facts')), h('dl', { class: 'facts' },
    rows.flatMap(([title, value]) => [h('dt', {}, title), h('dd', {}, value)]))];
}

const inWords = (title) => title[setup.language] ?? title.en;

function written(value, { label, unit }) {
  if (label) return inWords(label);
  const text = Array.isArray(value) ? value.join(setup.language === 'zh' ? '、' : ', ')
    : typeof value === 'number' && unit ? number(value) : String(value);
  return unit ? `${text} ${unit}` : text;
}

const filled = (value) => value !== null && value !== undefined && value !== ''
  && !(Array.isArray(value) && !value.length);

function storeys(place, given) {
  const rows = [];
  const floor = given.storey ?? place.storey_label
    ?? place.chain?.find(({ level }) => level === 'storey')?.label;
  if (place.level === 'unit' && filled(floor)) rows.push([t('storey'), String(floor)]);
  if (filled(given.storeys_above_ground)) {
    rows.push([t('storeys'), given.storeys_below_ground
      ? t('storeys_both', given.storeys_above_ground, given.storeys_below_ground)
      : t('storeys_value', given.storeys_above_ground)]);
  }
  if (place.level === 'building' && filled(given.height)) {
    rows.push([t('building_height'), t('metre', number(given.height))]);
  } else if (filled(place.height)) rows.push([t('height'), t('metre', number(place.height))]);
  return rows;
}

function exactness(place) {
  const rows = [];
  if (filled(place.precision_m)) {
    const how = known(`placement_${place.placement}`) ? t(`placement_${place.placement}`) : '';
    rows.push([t('precision'), [t('precision_value', number(place.precision_m)), how]
      .filter(Boolean).join(' · ')]);
  }
  const source = place.attributes?.volume_source ?? place.volume?.source;
  if (filled(source)) {
    rows.push([t('volume'), known(`volume_${source}`) ? t(`volume_${source}`) : source]);
  }
  return rows;
}

function actions(place) {
  return h('div', { class: 'actions' },
    app.map ? h('button', { type: 'button', onclick: () => flyTo(place) }, t('fly')) : null,
    h('button', { type: 'button', onclick: () => copy(place) }, t('copy_link')),
    h('button', { type: 'button', onclick: () => openShare(place) }, t('share')));
}

async function copy(place) {
  try {
    await navigator.clipboard.writeText(linkTo(place.identifier));
    notice('copied', t('copied'), { seconds: 2.5 });
    announce(t('copied'));
  } catch {
    notice('copied', t('not_copied'));
  }
}

function children(place) {
  const all = worthNaming(childrenOf(place));
  if (!all.length) return null;
  const items = all.slice(0, CHILDREN_SHOWN).map((child) => h('li', {}, h('button', {
    type: 'button', title: levelName(child.level), onclick: () => go(child.identifier),
  }, nameInside(child))));
  const rest = all.length - items.length;
  return [h('h2', {}, t('contains')), h('ul', { class: 'inside' }, items,
    rest > 0 ? h('li', { class: 'tag' }, t('more', rest)) : null)];
}

/** On a floor, room numbers repeat from entrance to entrance: the open building knows which. */
function nameInside(child) {
  const unit = unitOf(child.identifier)?.properties;
  return unit?.ent ? unitName(unit) : child.label ?? child.identifier;
}

/** Floors are in the panel of floors, and units under their entrance where there is one. */
function worthNaming(all) {
  const entrances = all.some(({ level }) => level === 'entrance');
  return all.filter(({ level }) => level !== 'storey' && !(entrances && level === 'unit'));
}

/** The children of a place, level by level, each in the order of the reader's language. */
export function childrenOf(place) {
  const all = place.children?.items ?? place.children ?? [];
  const levels = [...new Set(all.map(({ level }) => level))];
  return levels.flatMap((level) => {
    const same = all.filter((one) => one.level === level);
    return level === 'storey' ? same
      : same.sort((a, b) => byName(a.label ?? a.identifier, b.label ?? b.identifier));
  });
}
