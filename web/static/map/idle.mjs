// When nobody has touched the page for a while, what it shows of persons is put away. The map,
// the incidents and a form that is half filled in stay as they are.
import { announce, h, notice } from './dom.mjs';
import { t } from './setup.mjs';

const IDLE_MS = 5 * 60 * 1000;
const shown = new Set();
let touched = Date.now();
let locks = 0;

/** Let what `element` holds be put away when nobody is there; returns the element. */
export function personal(element) {
  for (const one of shown) if (!one.isConnected && one.dataset.seen) shown.delete(one);
  shown.add(element);
  return element;
}

/**
 * Return how to fill `element` with an answer that is asked for now: what arrives after a lock
 * stays away, for nobody is there to read it.
 */
export function filling(element) {
  const asked = locks;
  return (...children) => {
    if (asked === locks) element.replaceChildren(...children);
    return asked === locks;
  };
}

/** Put away everything that tells of a person. */
export function lock() {
  let locked = false;
  locks += 1;
  for (const one of shown) {
    if (!one.isConnected) continue;
    one.dataset.seen = 'yes';
    if (!one.childElementCount) continue;
    one.replaceChildren(h('p', { class: 'note' }, t('locked')));
    locked = true;
  }
  if (locked) {
    notice('locked', t('locked'));
    announce(t('locked'));
  }
}

export function startIdle(after = IDLE_MS) {
  const touch = () => { touched = Date.now(); };
  for (const kind of ['pointerdown', 'keydown', 'wheel', 'pointermove']) {
    document.addEventListener(kind, touch, { passive: true, capture: true });
  }
  setInterval(() => { if (Date.now() - touched > after) lock(); }, Math.min(after, 5000));
}
