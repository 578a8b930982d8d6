// The legend of a theme, complete: classes with their counts, what is missing, how it was made.
import { h } from './dom.mjs';
import { number } from './setup.mjs';

function row({ colour, kind, label, count }) {
  const swatch = h('span', { class: `swatch ${kind ?? ''}`, 'aria-hidden': 'true' });
  if (colour) swatch.style.background = colour;
  return h('li', {}, swatch, h('span', {}, label), h('b', {}, number(count)));
}

/** The distribution as bars in the colours of their classes, breaks as dotted lines. */
function histogram({ bars, from, to, breaks }, classes) {
  if (!bars.length) return null;
  const svg = (tag, attributes) => {
    const one = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
    return one;
  };
  const most = Math.max(...bars);
  const picture = svg('svg', { viewBox: '0 0 240 44', preserveAspectRatio: 'none', role: 'img' });
  bars.forEach((height, i) => {
    const middle = from + ((to - from) * (i + 0.5)) / bars.length;
    const { colour } = classes.find((one) => middle <= one.to) ?? classes.at(-1);
    const tall = (40 * height) / most;
    picture.append(svg('rect', { x: (i * 240) / bars.length, y: 44 - tall,
      width: 240 / bars.length - 1, height: tall, fill: colour }));
  });
  for (const at of breaks) {
    const x = (240 * (at - from)) / (to - from);
    picture.append(svg('line', { x1: x, x2: x, y1: 0, y2: 44, class: 'break' }));
  }
  return h('figure', {}, picture, h('figcaption', {}, h('span', {}, number(from)),
    h('span', {}, number(to))));
}

/** Return the legend as an element. */
export function legendOf(legend) {
  const { classes, missing, title, unit } = legend;
  const lines = [legend.period, legend.denominator, legend.statistic, legend.method,
    ...legend.notes, legend.boundary, legend.data_time].filter(Boolean);
  return h('section', { class: 'theme-legend' }, h('h3', {}, title), h('p', {}, unit),
    h('ul', {}, classes.map(row), missing.map(row)), histogram(legend.histogram, classes),
    lines.map((text) => h('small', {}, text)));
}

/** Return a labelled list of [value, label] to choose from. */
export function select(label, options, chosen, onchoice) {
  return h('label', { class: 'theme-choice' }, label, h('select', {
    onchange: ({ target }) => onchoice(target.value) }, options.map(([value, text]) => h('option', {
    value, selected: String(value) === String(chosen) }, text))));
}
