// Pins, drawn when the style asks for them: no sprite, nothing fetched.
import { palette, setup, t, known } from './setup.mjs';

const SCALE = 2;

function canvas(width, height) {
  const board = document.createElement('canvas');
  board.width = width * SCALE;
  board.height = height * SCALE;
  const pen = board.getContext('2d');
  pen.scale(SCALE, SCALE);
  return pen;
}

function drop(pen, x, y, r, tip) {
  pen.beginPath();
  pen.arc(x, y, r, Math.PI * 0.82, Math.PI * 0.18);
  pen.quadraticCurveTo(x + r * 0.55, y + r * 1.05, x, tip);
  pen.quadraticCurveTo(x - r * 0.55, y + r * 1.05, x - r * Math.cos(Math.PI * 0.18),
    y + r * Math.sin(Math.PI * 0.18));
  pen.closePath();
}

/** Urgency by size, colour and sign: a dot, one stroke, two strokes. */
function incident(level) {
  const p = palette();
  const r = [9, 11, 13][level - 1];
  const pen = canvas(34, 42);
  drop(pen, 17, 16, r, 40);
  pen.lineWidth = 2.5;
  pen.strokeStyle = p.halo;
  pen.stroke();
  pen.fillStyle = p.incident[level - 1];
  pen.fill();
  pen.fillStyle = p.halo;
  const strokes = level === 3 ? [-3, 3] : [0];
  for (const x of strokes) {
    pen.beginPath();
    if (level > 1) pen.roundRect(17 + x - 1.4, 9.5, 2.8, 8, 1.4);
    pen.moveTo(17 + x + 1.7, level > 1 ? 21 : 16);
    pen.arc(17 + x, level > 1 ? 21 : 16, level > 1 ? 1.7 : 3.4, 0, 7);
    pen.fill();
  }
  return pen;
}

function facility(kind) {
  const p = palette();
  const declared = setup.symbols.facilities[kind] ?? '#9AA6B2';
  const pen = canvas(26, 26);
  pen.beginPath();
  pen.roundRect(3, 3, 20, 20, 6);
  pen.lineWidth = 2;
  pen.strokeStyle = p.halo;
  pen.stroke();
  pen.fillStyle = p.recolour[declared] ?? declared;
  pen.fill();
  pen.fillStyle = p.halo === '#FFFFFF' ? '#FFFFFF' : '#0A1016';
  pen.font = '600 12px "Noto Sans SC Variable", "Noto Sans CJK SC", sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(t(`facility_${kind}`), 13, 13.7);
  return pen;
}

/** Draw every pin in the present theme and give it to the map. */
export function supply(map) {
  const give = (id, pen) => {
    const { width, height } = pen.canvas;
    if (map.hasImage(id)) map.removeImage(id);
    map.addImage(id, pen.getImageData(0, 0, width, height), { pixelRatio: SCALE });
  };
  for (const level of [1, 2, 3]) give(`incident:${level}`, incident(level));
  for (const kind of Object.keys(setup.lists.facility_kind)) {
    if (known(`facility_${kind}`)) give(`facility:${kind}`, facility(kind));
  }
}
