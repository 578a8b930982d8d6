// Pictures of places: made small on the phone, where position and camera are left out already,
// and sent after the visit that they belong to.
import { h } from './dom.mjs';
import * as store from './store.mjs';

const SIDE = 1600;
const QUALITY = 0.8;
/** What the server refuses for good; everything else is tried again later. */
const FOR_GOOD = [400, 403, 404, 409, 413, 422];

/** Return a row to take pictures in; `taken` are they, as base64 of JPEGs. */
export function photoRow({ t, most, wrong }) {
  const taken = [];
  const list = h('ul', { class: 'photos', 'aria-label': t.photos });
  const field = h('input', { type: 'file', accept: 'image/*', capture: 'environment',
    class: 'unseen', tabindex: '-1', 'aria-label': t.photo_take, onchange: async () => {
      const [file] = field.files;
      field.value = '';
      if (!file) return;
      try {
        add(await small(file));
      } catch {
        wrong(t.photo_bad);
      }
    } });
  const button = h('button', { type: 'button', class: 'plain', onclick: () => field.click() },
    t.photo_take);

  function add(image) {
    taken.push(image);
    const item = h('li', {}, h('img', { src: `data:image/jpeg;base64,${image}`, alt: t.photos }),
      h('button', { type: 'button', class: 'plain', 'aria-label': t.photo_drop, onclick: () => {
        taken.splice(taken.indexOf(image), 1);
        item.remove();
        button.disabled = false;
      } }, '×'));
    list.append(item);
    button.disabled = taken.length >= most;
  }
  return { taken, element: h('div', { class: 'pictures' }, list, h('p', { class: 'quiet' }, button,
    field, ' ', t.photo_note)) };
}

/** A picture of at most SIDE pixels, upright, drawn anew: nothing of the file but its pixels. */
async function small(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const share = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const board = document.createElement('canvas');
  board.width = Math.round(bitmap.width * share);
  board.height = Math.round(bitmap.height * share);
  board.getContext('2d').drawImage(bitmap, 0, 0, board.width, board.height);
  bitmap.close();
  return board.toDataURL('image/jpeg', QUALITY).split(',')[1];
}

/** Send what waits with `put(path, bytes)`; tell how many went and what was refused for good. */
export async function sendPhotos(put) {
  const later = new Set((await store.all('queue')).map(([key]) => key));
  let sent = 0;
  const faults = [];
  for (const [key, { visit, image }] of await store.all('photos')) {
    if (later.has(visit)) continue;
    try {
      await put(`/api/visits/${visit}/photos/${key}`,
        Uint8Array.from(atob(image), (one) => one.charCodeAt(0)));
      sent += 1;
    } catch (error) {
      if (!FOR_GOOD.includes(error.status)) throw error;
      faults.push(error.message);
    }
    await store.drop('photos', key);
  }
  return { sent, faults };
}
