// The address bar keeps the camera and the selection: #u=IDENTIFIER&c=lon,lat,zoom,bearing,pitch

export function readLink() {
  const values = new URLSearchParams(location.hash.slice(1));
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

let selected = null;

export function writeLink(map, identifier = selected) {
  selected = identifier;
  const { lng, lat } = map.getCenter();
  const camera = [lng.toFixed(6), lat.toFixed(6), map.getZoom().toFixed(2),
    map.getBearing().toFixed(1), map.getPitch().toFixed(1)].join(',');
  const hash = `${selected ? `u=${selected}&` : ''}c=${camera}`;
  history.replaceState(null, '', `${location.pathname}${location.search}#${hash}`);
}

/** The link to hand on: the place itself, seen as the receiver's page likes to show it. */
export const linkTo = (identifier) => `${location.origin}/map#u=${identifier}`;
