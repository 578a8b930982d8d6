// Everything on the map as a tree: area, compound, building, entrance, unit. By keyboard as well.
import * as api from './api.mjs';
import { app, go, onPlace } from './app.mjs';
import { $, h } from './dom.mjs';
import { dated } from './moment.mjs';
import { childrenOf, levelName } from './panel.mjs';
import { setup, t } from './setup.mjs';
import { openSide, side, sideShown } from './side.mjs';

const CHILDREN_MOST = 1000;
const LEAVES = ['unit', 'plate', 'facility'];
let tree = null;

export function startBrowse() {
  side('browse', $('browse-button'), t('browse'), (body) => {
    tree = h('ul', { class: 'tree', role: 'tree', 'aria-label': t('browse_label'),
      onkeydown: keys }, setup.roots.map(node));
    body.append(setup.roots.length ? tree : h('p', { class: 'tag' }, t('empty_text')));
    tree.querySelector('[role=treeitem]')?.setAttribute('tabindex', '0');
    if (app.place) follow(app.place);
    else unfold([...tree.children]);
  });
  onPlace((place) => { if (place && sideShown() === 'browse') follow(place); });
}

export const openBrowse = () => openSide('browse');

function node(place) {
  const leaf = LEAVES.includes(place.level);
  const item = h('li', { role: 'treeitem', tabindex: '-1', 'aria-selected': 'false',
    'aria-expanded': leaf ? null : 'false', 'data-id': place.identifier },
  h('div', { class: 'line', onclick: (event) => press(item, event) },
    h('span', { class: 'twist', 'aria-hidden': 'true' }, leaf ? '' : '▸'),
    h('span', { class: 'name' }, place.label ?? place.identifier),
    h('span', { class: 'tag' }, levelName(place.level))));
  return item;
}

function press(item, event) {
  focus(item);
  if (event.target.classList.contains('twist')) toggle(item);
  else choose(item);
}

function choose(item) {
  if (item.getAttribute('aria-expanded') === 'false') expand(item);
  go(item.dataset.id);
}

const toggle = (item) => (item.getAttribute('aria-expanded') === 'true' ? fold(item)
  : expand(item));

function fold(item) {
  if (!item.hasAttribute('aria-expanded')) return;
  item.setAttribute('aria-expanded', 'false');
  item.querySelector('.twist').textContent = '▸';
  item.querySelector('ul')?.setAttribute('hidden', '');
}

async function expand(item) {
  if (item.getAttribute('aria-expanded') !== 'false') return;
  item.setAttribute('aria-expanded', 'true');
  item.querySelector('.twist').textContent = '▾';
  const kept = item.querySelector('ul');
  if (kept) {
    kept.removeAttribute('hidden');
    return;
  }
  const list = h('ul', { role: 'group' });
  item.append(list);
  try {
    const found = childrenOf(await api.get(`/api/places/${item.dataset.id}`,
      dated({ limit: CHILDREN_MOST })));
    list.replaceChildren(...(found.length ? found.map(node)
      : [h('li', { class: 'tag', role: 'none' }, t('nothing_inside'))]));
  } catch (error) {
    list.remove();
    fold(item);
    api.failed(error);
  }
}

/** Unfold as long as there is only one to unfold: a list of one line tells nothing. */
async function unfold(items) {
  if (items.length !== 1 || items[0].getAttribute('aria-expanded') !== 'false') return;
  await expand(items[0]);
  await unfold([...items[0].querySelectorAll(':scope > ul > [role=treeitem]')]);
}

/** Unfold the tree down to the place that the map shows. */
async function follow(place) {
  const steps = [...(place.chain ?? []).map(({ identifier }) => identifier), place.identifier];
  for (const identifier of steps) {
    const item = tree.querySelector(`[data-id="${CSS.escape(identifier)}"]`);
    if (!item) continue;
    if (identifier === place.identifier) mark(item);
    else await expand(item);
  }
}

function mark(item) {
  for (const one of tree.querySelectorAll('[aria-selected=true]')) {
    one.setAttribute('aria-selected', 'false');
  }
  item.setAttribute('aria-selected', 'true');
  item.querySelector('.line').scrollIntoView({ block: 'nearest' });
}

function focus(item) {
  for (const one of tree.querySelectorAll('[tabindex="0"]')) one.setAttribute('tabindex', '-1');
  item.setAttribute('tabindex', '0');
  item.focus();
}

function keys(event) {
  const item = event.target.closest('[role=treeitem]');
  if (!item) return;
  const all = [...tree.querySelectorAll('[role=treeitem]')].filter((one) => one.offsetParent);
  const at = all.indexOf(item);
  const moves = {
    ArrowDown: () => all[at + 1] && focus(all[at + 1]),
    ArrowUp: () => all[at - 1] && focus(all[at - 1]),
    Home: () => focus(all[0]),
    End: () => focus(all.at(-1)),
    ArrowRight: () => (item.getAttribute('aria-expanded') === 'false' ? expand(item)
      : item.querySelector('[role=treeitem]') && focus(item.querySelector('[role=treeitem]'))),
    ArrowLeft: () => (item.getAttribute('aria-expanded') === 'true' ? fold(item)
      : item.parentElement.closest('[role=treeitem]')
        && focus(item.parentElement.closest('[role=treeitem]'))),
    Enter: () => choose(item),
    ' ': () => choose(item),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
}
