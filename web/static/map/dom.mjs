// Small helpers to make elements; text never becomes markup.

/** Make an element: h('p', {class: 'x', onclick}, 'text', child, …). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const $ = (id) => document.getElementById(id);

let tasks = 0;

/** Show at once that something was asked for; call what comes back when it is there. */
export function busy() {
  tasks += 1;
  document.documentElement.dataset.busy = 'yes';
  return () => {
    tasks -= 1;
    if (!tasks) delete document.documentElement.dataset.busy;
  };
}

const notices = new Map();

/** Show a notice; one of the same key replaces it. Without `seconds` it stays until removed. */
export function notice(key, text, { seconds = 6, action = null } = {}) {
  unnotice(key);
  const box = h('p', { class: 'notice' }, text,
    action ? h('button', { type: 'button', onclick: action.run }, action.name) : null);
  notices.set(key, box);
  $('notices').append(box);
  if (seconds) setTimeout(() => notices.get(key) === box && unnotice(key), seconds * 1000);
}

export function unnotice(key) {
  notices.get(key)?.remove();
  notices.delete(key);
}

/** Say something to a screen reader; urgent things interrupt. */
export function announce(text, urgent = false) {
  const box = $(urgent ? 'shouted' : 'said');
  box.textContent = '';
  setTimeout(() => { box.textContent = text; }, 30);
}
