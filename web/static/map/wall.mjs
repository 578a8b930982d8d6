// The wall: the chosen views one after another, nothing of persons, nothing to click.
import { app } from './app.mjs';
import { $, h } from './dom.mjs';
import { firstWord } from './link.mjs';
import { setup, t } from './setup.mjs';
import { show, views } from './views.mjs';
import { home } from './view.mjs';

const EVERY_S = 20;

/** Turn the page into a wall; `?wall=1&every=30` sets the seconds, `&views=1,2` the views. */
export async function startWall() {
  if (!setup.wall) return;
  document.documentElement.dataset.wall = 'yes';
  const chosen = (firstWord('views') ?? '').split(',').filter(Boolean).map(Number);
  const every = Math.min(Math.max(Number(firstWord('every')) || EVERY_S, 5), 3600);
  const clock = h('p', { class: 'panel clock' });
  const title = h('p', { class: 'panel wall-title' }, t('title'));
  document.body.append(title, clock);
  const tick = () => {
    clock.textContent = new Date().toLocaleString(setup.language === 'zh' ? 'zh-CN' : 'en-GB',
      { dateStyle: 'full', timeStyle: 'short' });
  };
  tick();
  setInterval(tick, 5000);
  let at = -1;
  const next = async () => {
    const all = await views().catch(() => []);
    const these = chosen.length ? all.filter(({ id }) => chosen.includes(id)) : all;
    if (!these.length) {
      title.textContent = t('title');
      if (app.map && at < 0) home(app.map);
      at = 0;
      return;
    }
    at = (at + 1) % these.length;
    title.textContent = these[at].name;
    show(these[at]);
  };
  next();
  setInterval(next, every * 1000);
  $('hint')?.remove();
}
