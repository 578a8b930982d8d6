// The panel on the right: one at a time of list, incidents and layers.
import { $, h } from './dom.mjs';
import { t } from './setup.mjs';

let shown = null;
const buttons = new Map();

/** Tie a button to what it shows; `fill(body)` makes the inside, each time it opens. */
export function side(name, button, title, fill) {
  buttons.set(name, { button, title, fill });
  button.addEventListener('click', () => (shown === name ? hideSide() : openSide(name)));
}

export function openSide(name) {
  const { button, title, fill } = buttons.get(name);
  hideSide();
  shown = name;
  button.setAttribute('aria-expanded', 'true');
  const body = h('div', { class: 'side-body' });
  const panel = $('side');
  panel.setAttribute('aria-label', title);
  panel.replaceChildren(h('div', { class: 'side-head' }, h('h1', {}, title), h('button', {
    type: 'button', class: 'icon', 'aria-label': t('close'), title: t('close'),
    onclick: () => { hideSide(); button.focus(); } }, '×')), body);
  panel.hidden = false;
  fill(body);
}

export function hideSide() {
  for (const { button } of buttons.values()) button.setAttribute('aria-expanded', 'false');
  $('side').hidden = true;
  shown = null;
}

export const sideShown = () => shown;
