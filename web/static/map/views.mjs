// Views that a user keeps under a name: the camera, the layers, the selection, the day.
import * as api from './api.mjs';
import { app, close, go } from './app.mjs';
import { $, announce, h, notice } from './dom.mjs';
import { linkToView, readLink, readParts, viewText } from './link.mjs';
import { t } from './setup.mjs';
import { padding } from './view.mjs';

let kept = null;

/** The section of the layers panel that lists the views and keeps the present one. */
export function viewSection() {
  const list = h('ul', { class: 'rows views' });
  const name = h('input', { name: 'name', maxlength: 60, required: true, autocomplete: 'off',
    placeholder: t('view_name'), 'aria-label': t('view_name') });
  const form = h('form', { class: 'keep', onsubmit: async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return;
    await keep(name.value.trim());
    name.value = '';
    fill(list);
  } }, name, h('button', { type: 'submit' }, t('view_keep')));
  const share = h('button', { type: 'button', class: 'quiet', onclick: copyView },
    t('view_copy'));
  fill(list, false);
  return h('section', { class: 'view-section' }, h('h2', {}, t('views')), list, form, share);
}

async function fill(list, anew = true) {
  try {
    if (anew || !kept) kept = (await api.get('/api/map/views')).items;
  } catch {
    kept = [];
  }
  list.replaceChildren(...(kept.length ? kept.map((one) => row(one, list))
    : [h('li', { class: 'note' }, t('views_none'))]));
}

function row(one, list) {
  return h('li', {}, h('button', { type: 'button', class: 'row', onclick: () => show(one) },
    h('span', { class: 'name' }, one.name)), h('button', { type: 'button', class: 'icon',
    title: t('view_drop'), 'aria-label': `${t('view_drop')}: ${one.name}`,
    onclick: async () => {
      try {
        await api.drop(`/api/map/views/${one.id}`);
      } catch (error) {
        if (error.status !== 404) api.failed(error);
      }
      fill(list);
    } }, '×'));
}

async function keep(name) {
  try {
    await api.post('/api/map/views', { name, view: viewText(app.map) });
    notice('kept', t('view_kept', name), { seconds: 2.5 });
    announce(t('view_kept', name));
  } catch (error) {
    api.failed(error);
  }
}

/** Show a view: everything a link to it would show. */
export async function show({ view }) {
  const { identifier, camera } = readLink(view);
  readParts(view);
  if (identifier) await go(identifier, { fly: !camera });
  else if (app.place) close();
  if (camera && app.map) {
    app.map.flyTo({ ...camera, duration: 1200, essential: false, padding: padding(0) });
  }
}

export const views = async () => (await api.get('/api/map/views')).items;

async function copyView() {
  try {
    await navigator.clipboard.writeText(linkToView(app.map));
    notice('copied', t('copied'), { seconds: 2.5 });
  } catch {
    notice('copied', t('not_copied'));
  }
  $('layers-button').focus();
}
