// Patterns of what a map must not show as sure: lines for unreliable, dots for withheld.
import { app } from './app.mjs';

const SIZE = 16;

function drawn(colour, paint) {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext('2d');
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  paint(pen);
  return pen.getImageData(0, 0, SIZE, SIZE);
}

function lines(pen) {
  pen.lineWidth = 2;
  for (const shift of [-SIZE, 0, SIZE]) {
    pen.beginPath();
    pen.moveTo(shift - 2, SIZE + 2);
    pen.lineTo(shift + SIZE + 2, -2);
    pen.stroke();
  }
}

function dots(pen) {
  for (const [x, y] of [[4, 4], [12, 12]]) {
    pen.beginPath();
    pen.arc(x, y, 2, 0, 2 * Math.PI);
    pen.fill();
  }
}

/** Return the names of both patterns, put into the map where they are not yet. */
export function hatches(scheme) {
  const names = { hatch: `theme-hatch-${scheme}`, dots: `theme-dots-${scheme}` };
  const colour = scheme === 'dark' ? 'rgba(230,238,246,.7)' : 'rgba(36,48,64,.6)';
  for (const [name, paint] of [[names.hatch, lines], [names.dots, dots]]) {
    if (!app.map.hasImage(name)) app.map.addImage(name, drawn(colour, paint), { pixelRatio: 2 });
  }
  return names;
}
