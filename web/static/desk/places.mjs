// The address field: suggestions while one types, chosen with arrows and Enter or by pointer.
import * as api from '/static/map/api.mjs';
import { h } from '/static/map/dom.mjs';

const WAIT_MS = 120;

/** Make `input` suggest places into `list`; `chosen` is told the place, or null when it is gone. */
export function suggestPlaces(input, list, chosen) {
  let items = [];
  let at = -1;
  let timer = 0;
  let asked = 0;

  const close = () => {
    items = [];
    at = -1;
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const mark = (index) => {
    at = index;
    [...list.children].forEach((one, n) => one.setAttribute('aria-selected', String(n === at)));
    if (at >= 0) {
      input.setAttribute('aria-activedescendant', list.children[at].id);
      list.children[at].scrollIntoView({ block: 'nearest' });
    }
  };

  const take = (item) => {
    input.value = item.text;
    close();
    chosen(item.place);
    if (item.has_children) {
      input.setSelectionRange(item.caret, item.caret);
      ask();
    }
  };

  const show = (found) => {
    items = found;
    list.replaceChildren(...found.map((item, n) => h('li', {
      id: `suggestion-${n}`, role: 'option', 'aria-selected': 'false',
      onpointerdown: (event) => { event.preventDefault(); take(item); },
    }, h('span', {}, item.display), h('small', {}, item.context ?? ''))));
    list.hidden = !found.length;
    input.setAttribute('aria-expanded', String(Boolean(found.length)));
    mark(found.length ? 0 : -1);
  };

  const ask = async () => {
    const mine = ++asked;
    const q = input.value.trim();
    if (!q) { close(); return; }
    try {
      const { items: found } = await api.get('/api/lookup/suggest', { q, limit: 8 });
      if (mine === asked && document.activeElement === input) show(found);
    } catch { close(); }
  };

  input.addEventListener('input', () => {
    chosen(null);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener('blur', () => { clearTimeout(timer); asked += 1; close(); });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229 || list.hidden) return;
    if (event.key === 'ArrowDown') mark((at + 1) % items.length);
    else if (event.key === 'ArrowUp') mark((at - 1 + items.length) % items.length);
    else if (event.key === 'Enter' && at >= 0 && !event.ctrlKey) take(items[at]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** Fill a select with the pairs of a list, before them an empty choice. */
export function fill(select, list, first) {
  select.replaceChildren(...(first === undefined ? [] : [h('option', { value: '' }, first)]),
    ...Object.entries(list).map(([value, label]) => h('option', { value }, label)));
}

/** Put children into an element in place of what is there; null stands for nothing. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== undefined));
}
