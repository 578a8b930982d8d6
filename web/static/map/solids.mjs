// Measured buildings, drawn as they are: triangles of their walls and roofs in the same depth as
// everything else. The block that stands for such a building is folded away meanwhile.
import * as maplibre from '/static/vendor/maplibre-gl/maplibre-gl.mjs';
import * as api from './api.mjs';
import { app } from './app.mjs';
import { open } from './building.mjs';
import { onScreen } from './camera.mjs';
import { inTheme } from './colours.mjs';
import { dated } from './moment.mjs';
import { setup } from './setup.mjs';
import { isFlat } from './view.mjs';

const LEAST_ZOOM = 14.5;
const LAYER = 'measured';
const STRIDE = 7;
const VERTEX = `#version 300 es
uniform mat4 matrix; in vec3 spot; in vec4 look; out vec4 colour; uniform float alpha;
void main() { gl_Position = matrix * vec4(spot, 1.0);
  colour = vec4(look.rgb * alpha, alpha); }`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec4 colour; out vec4 drawn; void main() { drawn = colour; }`;
const shown = new Map();
let asked = '';
let buffers = null;

/** Fetch the measured buildings of the view, now and whenever the camera rests. */
export function startSolids() {
  app.map.on('moveend', load);
  drawSolids();
  load();
}

/** Put the layer on the map; also after a change of theme. */
export function drawSolids() {
  const { map } = app;
  buffers = null;
  if (!map.getLayer(LAYER)) map.addLayer(layer, 'building');
  for (const id of shown.keys()) fold(id, 1);
}

const fold = (id, measured) => app.map.setFeatureState(
  { source: 'base', sourceLayer: 'building', id }, { measured });

async function load() {
  const { map } = app;
  if (map.getZoom() < LEAST_ZOOM || !setup.measured) return;
  const box = map.getBounds();
  const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
    .map((one) => one.toFixed(5)).join(',');
  if (bbox === asked) return;
  asked = bbox;
  let found;
  try {
    found = (await api.get('/api/map/solids', dated({ bbox }))).items;
  } catch {
    return;
  }
  if (bbox !== asked) return;
  for (const id of shown.keys()) fold(id, 0);
  shown.clear();
  for (const one of found) {
    if (!one.mesh.length) continue;
    shown.set(one.identifier, one);
    fold(one.identifier, 1);
  }
  buffers = null;
  map.triggerRepaint();
}

function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
}

/** Corners in mercator about a common origin, so that single precision is enough; and colours. */
function filled(gl, program) {
  const origin = maplibre.MercatorCoordinate.fromLngLat(app.map.getCenter());
  const { legend } = setup.layers.find(({ name }) => name === 'buildings');
  const values = [];
  const parts = [];
  for (const { identifier, function: use, middle, mesh } of shown.values()) {
    const at = maplibre.MercatorCoordinate.fromLngLat(middle);
    const metre = at.meterInMercatorCoordinateUnits();
    const declared = legend.find(({ value }) => value === use) ?? legend.at(-1);
    const base = rgb(inTheme(declared.colour));
    const start = values.length / STRIDE;
    for (let i = 0; i < mesh.length; i += 12) {
      const shade = lit(mesh, i);
      for (let k = i; k < i + 12; k += 4) {
        values.push((at.x - origin.x) + mesh[k] * metre, (at.y - origin.y) - mesh[k + 1] * metre,
          mesh[k + 2] * metre, ...base.map((part) => part * shade), 1);
      }
    }
    parts.push({ identifier, start, count: values.length / STRIDE - start });
  }
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(values), gl.STATIC_DRAW);
  return { buffer, parts, origin, program };
}

/** How light a triangle is: the sun stands in the south-west, as for the blocks. */
function lit(mesh, i) {
  const [ax, ay, az] = [mesh[i + 4] - mesh[i], mesh[i + 5] - mesh[i + 1], mesh[i + 6] - mesh[i + 2]];
  const [bx, by, bz] = [mesh[i + 8] - mesh[i], mesh[i + 9] - mesh[i + 1], mesh[i + 10] - mesh[i + 2]];
  const n = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
  const length = Math.hypot(...n) || 1;
  const sun = [-0.44, -0.44, 0.79];
  const dot = (n[0] * sun[0] + n[1] * sun[1] + n[2] * sun[2]) / length;
  return 0.86 + 0.14 * Math.max(dot, -0.4);
}

const layer = {
  id: LAYER, type: 'custom', renderingMode: '3d',
  onAdd(map, gl) {
    const compile = (kind, text) => {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      return shader;
    };
    this.program = gl.createProgram();
    gl.attachShader(this.program, compile(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, compile(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.program);
    buffers = null;
  },
  render(gl, { defaultProjectionData }) {
    if (!shown.size || isFlat()) return;
    buffers ??= filled(gl, this.program);
    const { buffer, parts, origin } = buffers;
    gl.useProgram(this.program);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    for (const [name, size, offset] of [['spot', 3, 0], ['look', 4, 12]]) {
      const place = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, STRIDE * 4, offset);
    }
    gl.uniformMatrix4fv(gl.getUniformLocation(this.program, 'matrix'), false,
      moved(defaultProjectionData.mainMatrix, origin));
    const alpha = open.now ? 0.2 : 1;
    gl.uniform1f(gl.getUniformLocation(this.program, 'alpha'), alpha);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    for (const { identifier, start, count } of parts) {
      if (identifier !== open.now?.identifier) gl.drawArrays(gl.TRIANGLES, start, count);
    }
  },
};

/** The map's matrix, its origin moved: in double precision, before the card rounds it. */
function moved(matrix, { x, y }) {
  const m = Array.from(matrix);
  for (let row = 0; row < 4; row += 1) m[12 + row] += m[row] * x + m[4 + row] * y;
  return new Float32Array(m);
}

/** The measured building under a point of the screen, the nearest one; null where there is none. */
export function solidAt({ x, y }) {
  let best = null;
  if (isFlat() || open.now) return null;
  for (const { identifier, middle, mesh } of shown.values()) {
    const metre = 1 / 111320;
    const east = metre / Math.cos(middle[1] * Math.PI / 180);
    const spots = [];
    for (let i = 0; i < mesh.length; i += 4) {
      spots.push(onScreen(app.map, [middle[0] + mesh[i] * east, middle[1] + mesh[i + 1] * metre],
        mesh[i + 2]));
    }
    const hit = spots.some((_, i) => i % 3 === 0 && within([x, y], spots.slice(i, i + 3)));
    const front = onScreen(app.map, middle, 0)[1];
    if (hit && (!best || front > best.front)) best = { identifier, front };
  }
  return best;
}

function within([x, y], [a, b, c]) {
  const side = (p, q) => (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]);
  const [one, two, three] = [side(a, b), side(b, c), side(c, a)];
  return (one >= 0 && two >= 0 && three >= 0) || (one <= 0 && two <= 0 && three <= 0);
}
