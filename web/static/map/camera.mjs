// Where the camera must stand: MapLibre aims at the ground, we aim at heights.
// Facts used: field of view from the map, 512 px tiles, mercator scale at the place's latitude.

const EARTH = 40075016.68;
const rad = (degrees) => degrees * Math.PI / 180;
export const metresPerDegree = (lat) => [EARTH / 360 * Math.cos(rad(lat)), EARTH / 360];

/** Move a position by metres along a bearing. */
export function shifted([lon, lat], metres, bearing) {
  const [x, y] = metresPerDegree(lat);
  return [lon + Math.sin(rad(bearing)) * metres / x, lat + Math.cos(rad(bearing)) * metres / y];
}

const halfView = (map) => rad(map.getVerticalFieldOfView?.() ?? 36.87) / 2;
const viewHeight = (map) => {
  const { top = 0, bottom = 0 } = map.getPadding();
  return Math.max(map.getCanvas().clientHeight - top - bottom, 200);
};

/** Distance in metres between the camera and the ground it aims at, as a zoom. */
function zoomFor(map, distance, lat) {
  const pixels = 0.5 / Math.tan(halfView(map)) * map.getCanvas().clientHeight;
  return Math.log2(EARTH * Math.cos(rad(lat)) * pixels / (512 * distance));
}

/**
 * Return the camera that sees `point` at `height` metres from `distance` metres away: the centre
 * on the ground lies behind the thing, along the line of sight.
 */
export function aimed(map, point, height, { distance, pitch, bearing }) {
  const sight = distance + height / Math.cos(rad(pitch));
  return {
    center: shifted(point, height * Math.tan(rad(pitch)), bearing),
    zoom: Math.min(zoomFor(map, sight, point[1]), 20.5), pitch, bearing,
  };
}

/** Distance from which something of this radius fills the view without touching its edges. */
export function distanceFor(map, radius) {
  const { clientWidth: width, clientHeight: height } = map.getCanvas();
  const { left = 0, right = 0 } = map.getPadding();
  const share = Math.min((width - left - right) / height, viewHeight(map) / height, 1);
  return radius / Math.sin(halfView(map)) / Math.max(share, 0.4) * 1.12;
}

/** Bounds of GeoJSON coordinates of any depth. */
export function boundsOf(coordinates, box = [Infinity, Infinity, -Infinity, -Infinity]) {
  if (typeof coordinates[0] === 'number') {
    const [x, y] = coordinates;
    return [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
  }
  return coordinates.reduce((sum, one) => boundsOf(one, sum), box);
}

export const middle = ([w, s, e, n]) => [(w + e) / 2, (s + n) / 2];

/** Half the diagonal of a box in metres. */
export function radiusOf([w, s, e, n]) {
  const [x, y] = metresPerDegree((s + n) / 2);
  return Math.hypot((e - w) * x, (n - s) * y) / 2;
}

const ringOf = (geometry) => (geometry.type === 'Polygon' ? geometry.coordinates[0]
  : geometry.coordinates[0][0]);

function inside([x, y], ring) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

/** Whether `shape` lies in the line of sight from a wall: an own wing would hide it. */
function hidden([lon, lat], [nx, ny], [x, y], shape) {
  return shape && [8, 16, 28, 45].some((far) => inside([lon + nx * far / x, lat + ny * far / y],
    ringOf(shape)));
}

/**
 * Return the bearing that faces the longest outer wall of `unit` and that wall's middle, or null.
 * A wall is outer when one step outside of it there is none of `neighbours`; one that looks into
 * the open, past the rest of the building's `outline`, is better than one in a courtyard.
 */
export function facing(unit, neighbours, outline) {
  const ring = ringOf(unit);
  const [x, y] = metresPerDegree(ring[0][1]);
  const turn = ring.reduce((sum, [lon, lat], i) => {
    const [lon2, lat2] = ring[(i + 1) % ring.length];
    return sum + (lon2 - lon) * (lat2 + lat);
  }, 0) > 0 ? -1 : 1;
  let best = null;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const dx = (ring[i + 1][0] - ring[i][0]) * x;
    const dy = (ring[i + 1][1] - ring[i][1]) * y;
    const length = Math.hypot(dx, dy);
    if (length < 1) continue;
    const [nx, ny] = [dy / length * turn, -dx / length * turn];
    const step = [(ring[i][0] + ring[i + 1][0]) / 2 + nx * 0.9 / x,
      (ring[i][1] + ring[i + 1][1]) / 2 + ny * 0.9 / y];
    const covered = neighbours.some((one) => inside(step, ringOf(one)));
    // A southern face is what people call the front: it wins when nearly as long.
    const worth = length * (ny < -0.5 ? 1.25 : 1)
      * (hidden(step, [nx, ny], [x, y], outline) ? 0.2 : 1);
    if (!covered && (!best || worth > best.worth)) {
      best = { worth, nx, ny, middle: step };
    }
  }
  return best && { bearing: (Math.atan2(-best.nx, -best.ny) * 180 / Math.PI + 360) % 360,
    point: best.middle };
}

const cameraOf = (map) => ({ center: map.getCenter().toArray(), zoom: map.getZoom(),
  bearing: map.getBearing(), pitch: map.getPitch(), padding: map.getPadding() });
const mercator = (degrees) => 0.5 - Math.asinh(Math.tan(rad(degrees))) / (2 * Math.PI);

/** Return where a point at `height` metres is on the screen, seen by `camera` or as it is. */
export function onScreen(map, [lon, lat], height, camera = cameraOf(map)) {
  const scale = 512 * 2 ** camera.zoom;
  const centre = { lng: camera.center[0], lat: camera.center[1] };
  const dx = (lon - centre.lng) / 360 * scale;
  const dy = (mercator(lat) - mercator(centre.lat)) * scale;
  const [b, p] = [rad(camera.bearing), rad(camera.pitch)];
  const x = dx * Math.cos(b) + dy * Math.sin(b);
  const y = dy * Math.cos(b) - dx * Math.sin(b);
  const z = height * scale / (EARTH * Math.cos(rad(centre.lat)));
  const { clientWidth: width, clientHeight: tall } = map.getCanvas();
  const far = 0.5 / Math.tan(halfView(map)) * tall;
  const depth = far - y * Math.sin(p) - z * Math.cos(p);
  const { left = 0, right = 0, top = 0, bottom = 0 } = camera.padding;
  return [(width + left - right) / 2 + x * far / depth,
    (tall + top - bottom) / 2 + (y * Math.cos(p) - z * Math.sin(p)) * far / depth];
}

/**
 * Return the camera from which a box fills the screen inside of its padding. A tilted view has no
 * formula for that: look, see how far the corners are from the edges, and correct a few times.
 */
export function fitted(map, [w, s, e, n], { pitch, bearing, padding, maxZoom = 17.5 }) {
  const { clientWidth, clientHeight } = map.getCanvas();
  const room = [clientWidth - padding.left - padding.right,
    clientHeight - padding.top - padding.bottom];
  const none = { left: 0, right: 0, top: 0, bottom: 0 };
  const camera = { center: middle([w, s, e, n]), zoom: 12, pitch, bearing, padding: none };
  const corners = [[w, s], [e, s], [e, n], [w, n]];
  let offset = [0, 0];
  for (let i = 0; i < 12; i += 1) {
    const seen = corners.map((corner) => onScreen(map, corner, 0, camera));
    const box = boundsOf(seen);
    const size = [box[2] - box[0], box[3] - box[1]];
    offset = [(box[0] + box[2] - clientWidth) / 2, (box[1] + box[3] - clientHeight) / 2];
    const metres = EARTH * Math.cos(rad(camera.center[1])) / (512 * 2 ** camera.zoom);
    camera.center = shifted(camera.center, offset[0] * metres, bearing + 90);
    camera.center = shifted(camera.center, -offset[1] * metres / Math.cos(rad(pitch)), bearing);
    camera.zoom += Math.log2(Math.max(Math.min(room[0] / size[0], room[1] / size[1]), 0.1)) * 0.8;
    camera.zoom = Math.min(camera.zoom, maxZoom);
  }
  return { center: camera.center, zoom: camera.zoom, pitch, bearing };
}
