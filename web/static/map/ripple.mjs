// One calm ripple where something new has come: a ring that widens for 600 ms and is gone.
import { app } from './app.mjs';
import { onScreen } from './camera.mjs';
import { h } from './dom.mjs';
import { isFlat } from './view.mjs';

const LASTS_MS = 600;

export function ripple(point, { lvl, h: height }) {
  const { map } = app;
  if (!map || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const [x, y] = onScreen(map, point, isFlat() ? 0 : height);
  const ring = h('span', { class: `ripple l${lvl}`, 'aria-hidden': 'true' });
  ring.style.left = `${x}px`;
  ring.style.top = `${y}px`;
  map.getContainer().append(ring);
  ring.animate([{ transform: 'translate(-50%, -50%) scale(.2)', opacity: 0.9 },
    { transform: 'translate(-50%, -50%) scale(1)', opacity: 0 }],
  { duration: LASTS_MS, easing: 'ease-out' }).finished.finally(() => ring.remove());
}
