// The one search box: suggestions as one types, Enter finds, arrows choose. What an input method
// is still composing is never sent, and never flies.
import * as api from './api.mjs';
import { close, go } from './app.mjs';
import { $, h } from './dom.mjs';
import { levelName } from './panel.mjs';
import { t } from './setup.mjs';

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
  box.addEventListener('focus', () => { if (items.length) expand(true); });
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

function later() {
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
  if (!text || (text.length < 2 && /^[\x00-\x7f]$/.test(text))) {
    fill([]);
    return;
  }
  pending = new AbortController();
  try {
    const found = await api.get('/api/lookup/suggest',
      { q: text, caret: box.selectionStart }, { signal: pending.signal });
    if (mine === asked) fill(found.items ?? []);
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

function fill(found) {
  items = found;
  chosen = -1;
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
  box.value = item.text ?? nameOf(item);
  const caret = item.caret ?? box.value.length;
  box.setSelectionRange(caret, caret);
  $('clear').hidden = false;
  answer('');
  fill([]);
  if (refOf(item)) go(refOf(item));
  if (item.has_children) later();
}

/** Find what was typed: an address first, an organization where it is none. */
export async function find(text) {
  if (!text) return;
  asked += 1;
  pending?.abort();
  clearTimeout(timer);
  fill([]);
  answer(t('searching'));
  try {
    const found = await api.get('/api/lookup/address', { q: text });
    if (await explained(found, text)) return;
    const others = await organizations(text);
    if (others.length === 1) show(refOf(others[0]), nameOf(others[0]));
    else if (others.length) offer(others);
    else answer(t('none', text), true);
  } catch (error) {
    answer(error.status === 400 ? error.message : t('lookup_away'), true);
  }
}

async function organizations(text) {
  try {
    const found = await api.get('/api/lookup/organization', { q: text, limit: 8 });
    return (found.items ?? []).filter(refOf)
      .map((item) => ({ ...item, ref: item.place?.identifier ?? item.ref, level: 'unit' }));
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
  await go(ref);
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

function show(ref, label) {
  answer(t('found', label));
  go(ref);
}

function answer(text, wrong = false) {
  const line = $('answer');
  line.textContent = text;
  line.hidden = !text;
  line.classList.toggle('wrong', wrong);
}

function clear() {
  $('q').value = '';
  $('clear').hidden = true;
  answer('');
  fill([]);
  close();
}
