// The one search box: suggestions as one types, Enter finds, arrows choose. What an input method
// is still composing is never sent, and never flies.
import * as api from './api.mjs';
import { close, go } from './app.mjs';
import { $, h } from './dom.mjs';
import { dated } from './moment.mjs';
import { levelName } from './panel.mjs';
import { openPasted } from './pasted.mjs';
import { openPeople, personTerm } from './people.mjs';
import { forget, recent, remember } from './recent.mjs';
import { setup, t } from './setup.mjs';

const WAIT_MS = 100;
let items = [];
let chosen = -1;
let asked = 0;
let timer = 0;
let pending = null;

export function startSearch() {
  const box = $('q');
  box.addEventListener('input', (event) => { if (!event.isComposing) later(); });
  box.addEventListener('compositionend', later);
  box.addEventListener('keydown', keys);
  box.addEventListener('focus', () => {
    if (!box.value.trim()) fill(recent(), { mine: true });
    else if (items.length) expand(true);
  });
  box.addEventListener('paste', pasted);
  box.addEventListener('blur', () => setTimeout(() => expand(false), 150));
  $('clear').addEventListener('click', () => { clear(); box.focus(); });
  document.addEventListener('keydown', focusKey);
}

/** `/` comes to the box from anywhere, and so does the key where Chinese keyboards give `、`. */
function focusKey(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/' || event.key === '、' || (event.code === 'Slash' && !event.shiftKey)) {
    event.preventDefault();
    $('q').focus();
    $('q').select();
  }
}

/** A list of addresses, one a line, becomes a table and pins. */
function pasted(event) {
  const lines = (event.clipboardData?.getData('text') ?? '').split(/\r?\n/)
    .map((line) => line.trim()).filter(Boolean);
  if (lines.length < 2) return;
  event.preventDefault();
  fill([]);
  openPasted(lines);
}

/** What looks like an ID number or a phone never becomes part of an address that is asked for. */
function isPersonal(text) {
  const term = personTerm(text);
  if (!term) return false;
  fill([]);
  $('q').value = '';
  $('clear').hidden = true;
  if (setup.may.persons) openPeople(term, text);
  else answer(t('person_not_yours'), true);
  return true;
}

/** What was chosen among suggestions for another text is chosen no more. */
function later() {
  choose(-1);
  $('clear').hidden = !$('q').value;
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT_MS);
}

async function suggest() {
  const box = $('q');
  const text = box.value.trim();
  asked += 1;
  const mine = asked;
  pending?.abort();
  answer('');
  if (!text) {
    fill(document.activeElement === box ? recent() : [], { mine: true });
    return;
  }
  if (/^[\x00-\x7f]$/.test(text) || /^[\d\sXx-]{9,}$/.test(text)) {
    fill([]);
    return;
  }
  pending = new AbortController();
  try {
    const { signal } = pending;
    const [found, firms] = await Promise.all([
      api.get('/api/lookup/suggest', { q: text, caret: box.selectionStart }, { signal }),
      text.length < 2 ? [] : organizations(text, 3, signal)]);
    if (mine === asked) fill([...found.items ?? [], ...firms, ...people(text)]);
  } catch (error) {
    if (mine === asked && error.name !== 'AbortError') fill([]);
  }
}

function keys(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (moves[event.key] && items.length) {
    event.preventDefault();
    expand(true);
    choose((chosen + moves[event.key] + items.length + 1) % (items.length + 1));
  } else if (event.key === 'Enter') {
    event.preventDefault();
    if (chosen >= 0 && chosen < items.length && !$('suggestions').hidden) take(items[chosen]);
    else find($('q').value.trim());
  } else if (event.key === 'Escape') {
    event.stopPropagation();
    if (!$('suggestions').hidden) expand(false);
    else if ($('q').value) clear();
    else $('q').blur();
  }
}

/** A short Chinese word may be a name: offer to look for the person, by a form of its own. */
function people(text) {
  return setup.may.persons && /^\p{Script=Han}{2,4}$/u.test(text)
    ? [{ level: 'person', text, display: t('person_offer', text) }] : [];
}

function choose(index) {
  chosen = index >= items.length ? -1 : index;
  [...$('suggestions').children].forEach((item, i) => {
    item.setAttribute('aria-selected', String(i === chosen));
    if (i === chosen) item.scrollIntoView({ block: 'nearest' });
  });
  const active = chosen >= 0 ? `suggestion-${chosen}` : '';
  if (active) $('q').setAttribute('aria-activedescendant', active);
  else $('q').removeAttribute('aria-activedescendant');
}

function expand(on) {
  $('suggestions').hidden = !on || !items.length;
  $('q').setAttribute('aria-expanded', String(!$('suggestions').hidden));
}

function fill(found, { mine = false } = {}) {
  items = found;
  chosen = -1;
  $('suggestions').classList.toggle('recent', mine && found.length > 0);
  $('suggestions').dataset.title = t('recent');
  $('suggestions').replaceChildren(...found.map((item, i) => h('li', {
    role: 'option', id: `suggestion-${i}`, 'aria-selected': 'false',
    onmousedown: (event) => event.preventDefault(), onclick: () => take(item),
  }, h('span', { class: 'name' }, nameOf(item)),
  h('span', { class: 'tag' }, levelName(item.level)),
  contextOf(item) ? h('span', { class: 'context' }, contextOf(item)) : null)));
  expand(document.activeElement === $('q'));
  choose(-1);
}

/** Below a compound the whole text tells more than the number alone. */
const nameOf = (item) => (['building', 'entrance', 'unit'].includes(item.level) && item.text)
  || (item.display ?? item.name ?? item.text ?? item.place?.label ?? '');
const contextOf = (item) => item.context ?? item.place?.full_label ?? '';
const refOf = (item) => item.place?.identifier ?? item.ref ?? item.id;

/** Take a suggestion: complete the text where more can follow, and show the place. */
function take(item) {
  const box = $('q');
  if (item.level === 'person') {
    box.value = '';
    fill([]);
    openPeople('name', item.text);
    return;
  }
  box.value = item.text ?? nameOf(item);
  const caret = item.caret ?? box.value.length;
  box.setSelectionRange(caret, caret);
  $('clear').hidden = false;
  answer('');
  fill([]);
  if (refOf(item)) show(refOf(item));
  if (item.has_children) later();
}

const WIDE = ['province', 'city', 'district', 'subdistrict', 'community', 'group', 'grid', 'storey'];

/** How people call a place who know the community: 阳光花园3号楼2单元501室. */
function withinCommunity(place) {
  const steps = (place.chain ?? []).filter(({ level, label }) => label && !WIDE.includes(level));
  return steps.map(({ label }) => label).join('') || (place.full_label ?? place.label);
}

/** Go to what was found, and remember it. */
async function show(ref) {
  const place = await go(ref);
  if (place) {
    remember({ identifier: place.identifier, level: place.level, label: withinCommunity(place),
      context: place.chain?.find(({ level }) => level === 'community')?.label ?? '' });
  }
}

/** Find what was typed: an address first, an organization where it is none. */
export async function find(text) {
  if (!text || isPersonal(text)) return;
  asked += 1;
  pending?.abort();
  clearTimeout(timer);
  fill([]);
  answer(t('searching'));
  try {
    const found = await api.get('/api/lookup/address', dated({ q: text }));
    if (await explained(found, text)) return;
    const others = await organizations(text);
    if (others.length === 1) {
      answer(t('found', nameOf(others[0])));
      show(refOf(others[0]));
    }
    else if (others.length) offer(others);
    else answer(t('none', text), true);
  } catch (error) {
    answer(error.status === 400 ? error.message : t('lookup_away'), true);
  }
}

async function organizations(text, limit = 8, signal = undefined) {
  try {
    const found = await api.get('/api/lookup/organization', { q: text, limit }, { signal });
    return (found.items ?? []).filter(({ place }) => place?.identifier)
      .map((item) => ({ ...item, text: item.name, display: item.name, level: 'organization',
        context: item.place.full_label }));
  } catch {
    return [];
  }
}

/** Tell in plain words what the lookup said; false when it found nothing. */
async function explained(found, text) {
  const candidates = found.candidates ?? [];
  const ref = found.place?.identifier ?? found.ref;
  const label = found.place?.full_label ?? found.standard_address ?? found.canonical ?? text;
  if (found.status === 'ambiguous' && candidates.length) {
    offer(candidates.map(asItem));
    return true;
  }
  if (!ref) return false;
  if (found.status === 'partial') {
    const missing = (found.unmatched ?? []).map((one) => one.text ?? one.value ?? one.element
      ?? one).join('、');
    answer(missing ? t('partial', missing, label) : t('partial_plain', label), true);
  } else {
    answer(t('found', label));
  }
  await show(ref);
  return true;
}

const asItem = (one) => ({ ...one, display: one.place?.label ?? one.name ?? one.standard_address,
  context: one.place?.full_label ?? one.standard_address ?? '',
  level: one.level ?? one.place?.level, text: one.place?.full_label ?? one.standard_address });

function offer(found) {
  fill(found);
  expand(true);
  answer(t('several', found.length), true);
}

function answer(text, wrong = false) {
  const line = $('answer');
  line.textContent = text;
  line.hidden = !text;
  line.classList.toggle('wrong', wrong);
}

/** At the end of a sign-in nothing of it stays in the browser. */
export const forgetFinds = forget;

function clear() {
  $('q').value = '';
  $('clear').hidden = true;
  answer('');
  fill([]);
  close();
}
