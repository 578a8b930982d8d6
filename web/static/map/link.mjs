// The address bar keeps what is shown, so that a link shows the same again:
// #u=IDENTIFIER&c=lon,lat,zoom,bearing,pitch and whatever parts the page's modules add.

const parts = new Map();
let selected = null;
/** What the address said when the page was opened; it is written anew as soon as a map stands. */
const FIRST = location.hash.slice(1);

/** A word of the address for a part of the page that no link repeats. */
export const firstWord = (key) => new URLSearchParams(FIRST).get(key);

/** Let a module keep `key` in links: `write()` gives its text or '', `read(text)` takes it back. */
export const linkPart = (key, { write, read }) => parts.set(key, { write, read });

/** Give every part what a link says of it, '' where it says nothing. */
export function readParts(text = FIRST) {
  const values = new URLSearchParams(text);
  for (const [key, part] of parts) part.read(values.get(key) ?? '');
}

export function readLink(text = FIRST) {
  const values = new URLSearchParams(text);
  const numbers = (values.get('c') ?? '').split(',').map(Number);
  const [lon, lat, zoom, bearing, pitch] = numbers;
  const whole = numbers.length === 5 && numbers.every(Number.isFinite)
    && Math.abs(lon) <= 180 && Math.abs(lat) <= 85;
  const identifier = values.get('u');
  return {
    identifier: /^[a-z][0-9a-z]{1,19}$/i.test(identifier ?? '') ? identifier : null,
    camera: whole ? { center: [lon, lat], zoom, bearing, pitch } : null,
  };
}

/** All that a link says of the present view; no text of a search and nothing of a person. */
export function viewText(map, identifier = selected) {
  const said = identifier ? [`u=${identifier}`] : [];
  if (map) {
    const { lng, lat } = map.getCenter();
    said.push(`c=${[lng.toFixed(6), lat.toFixed(6), map.getZoom().toFixed(2),
      map.getBearing().toFixed(1), map.getPitch().toFixed(1)].join(',')}`);
  }
  for (const [key, { write }] of parts) {
    const text = write();
    if (text) said.push(`${key}=${encodeURIComponent(text)}`);
  }
  return said.join('&');
}

export function writeLink(map, identifier = selected) {
  selected = identifier;
  const hash = viewText(map, selected);
  history.replaceState(null, '', `${location.pathname}${location.search}#${hash}`);
}

/** The link to hand on: the place itself, seen as the receiver's page likes to show it. */
export const linkTo = (identifier) => `${location.origin}/map#u=${identifier}`;
export const linkToView = (map) => `${location.origin}/map#${viewText(map)}`;
