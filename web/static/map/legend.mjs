// Legends: what the colours mean, in the present theme.
import { inTheme } from './colours.mjs';
import { h } from './dom.mjs';

/** Return a list of swatches for [{colour, label}], or null where there is nothing to tell. */
export function legendOf(entries) {
  if (entries.length < 2) return null;
  return h('ul', { class: 'legend' }, entries.map(({ colour, label }) => {
    const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = inTheme(colour);
    return h('li', {}, swatch, label);
  }));
}
