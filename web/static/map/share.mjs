// What is seen, handed on: as a picture or a PDF of one page, with a footer that says who made
// it, when and what for. Persons shown in the panel are never part of it.
import { app } from './app.mjs';
import { $, h, notice } from './dom.mjs';
import { linkTo, linkToView } from './link.mjs';
import { moment } from './moment.mjs';
import { download } from './pasted.mjs';
import { palette, setup, t } from './setup.mjs';

const WIDTH = 1754;
const HEIGHT = 1240;
const MARGIN = 40;
const FONT = '"Noto Sans SC Variable", "Noto Sans CJK SC", sans-serif';

/** Ask what it is for, then make it. */
export function openShare(place) {
  const purpose = h('select', { name: 'purpose' }, Object.values(setup.lists.purposes)
    .map((label) => h('option', { value: label }, label)));
  const remark = h('input', { name: 'remark', maxlength: 80, autocomplete: 'off' });
  const make = (kind) => async () => {
    dialog.close();
    notice('share', t('share_making'), { seconds: 0 });
    try {
      const said = [purpose.value, remark.value.trim()].filter(Boolean).join(' · ');
      await hand(await sheet(place, said), kind, place);
      notice('share', t('share_done'), { seconds: 2.5 });
    } catch (error) {
      notice('share', t('request_failed', error.message));
    }
  };
  const dialog = h('dialog', { class: 'panel dialog', 'aria-label': t('share'),
    onclose: () => dialog.remove() }, h('h1', {}, t('share')), h('p', { class: 'note' },
    t('share_note')), h('label', {}, t('purpose'), purpose), h('label', {}, t('share_remark'),
    remark), h('p', { class: 'actions' }, h('button', { type: 'button', class: 'primary',
    onclick: make('png') }, t('share_picture')), h('button', { type: 'button',
    class: 'primary', onclick: make('pdf') }, t('share_pdf')), h('button', { type: 'button',
    onclick: () => dialog.close() }, t('close'))));
  document.body.append(dialog);
  dialog.showModal();
}

/** The map's pixels are there only while it draws: take them then. */
function pixels(map) {
  return new Promise((done) => {
    map.once('render', () => {
      const source = map.getCanvas();
      const copy = new OffscreenCanvas(source.width, source.height);
      copy.getContext('2d').drawImage(source, 0, 0);
      done(copy);
    });
    map.triggerRepaint();
  });
}

async function sheet(place, purpose) {
  const board = h('canvas', { width: WIDTH, height: HEIGHT });
  const pen = board.getContext('2d');
  const p = palette();
  pen.fillStyle = p.ground;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  const top = 118;
  const room = [WIDTH - 2 * MARGIN, HEIGHT - top - 84];
  if (app.map) {
    const image = await pixels(app.map);
    const scale = Math.max(room[0] / image.width, room[1] / image.height);
    const [w, d] = [room[0] / scale, room[1] / scale];
    pen.drawImage(image, (image.width - w) / 2, (image.height - d) / 2, w, d, MARGIN, top, ...room);
  }
  pen.strokeStyle = p.text2;
  pen.strokeRect(MARGIN + 0.5, top + 0.5, room[0] - 1, room[1] - 1);
  write(pen, place?.full_label ?? t('title'), { y: 66, size: 34, weight: 700, colour: p.text });
  write(pen, facts(place), { y: 100, size: 20, colour: p.text2 });
  const when = new Date().toLocaleString(setup.language === 'zh' ? 'zh-CN' : 'en-GB');
  write(pen, t('share_footer', setup.user, when, purpose), { y: HEIGHT - 46, size: 20,
    colour: p.text });
  write(pen, place ? linkTo(place.identifier) : linkToView(app.map), { y: HEIGHT - 20, size: 16,
    colour: p.text2 });
  return board;
}

function facts(place) {
  const [lon, lat] = place?.point ?? [];
  return [place?.chain?.find(({ level }) => level === 'grid')?.label,
    lon === undefined ? '' : `${lon.toFixed(6)}, ${lat.toFixed(6)}`,
    moment.day && t('day_shown', moment.day)].filter(Boolean).join(' · ');
}

/** One line, cut with an ellipsis where it would leave the page. */
function write(pen, text, { y, size, weight = 400, colour }) {
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = colour;
  let said = text;
  while (said.length > 1 && pen.measureText(said).width > WIDTH - 2 * MARGIN) {
    said = `${said.slice(0, -2)}…`;
  }
  pen.fillText(said, MARGIN, y);
}

async function hand(board, kind, place) {
  const name = `${(place?.label ?? 'map').replace(/[\\/:*?"<>|\s]/g, '_')}`;
  const blobOf = (type) => new Promise((done) => { board.toBlob(done, type, 0.9); });
  if (kind === 'png') download(await blobOf('image/png'), `${name}.png`);
  else download(await pdf(await blobOf('image/jpeg')), `${name}.pdf`);
}

/** A PDF of one A4 page, lying, that is one JPEG (ISO 32000-1, 7.5 and 8.9.5). */
export async function pdf(jpeg) {
  const image = new Uint8Array(await jpeg.arrayBuffer());
  const encode = (text) => new TextEncoder().encode(text);
  const draw = 'q 842 0 0 595 0 0 cm /I Do Q';
  const objects = [
    ['<< /Type /Catalog /Pages 2 0 R >>'], ['<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    ['<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 4 0 R '
      + '/Resources << /XObject << /I 5 0 R >> >> >>'],
    [`<< /Length ${draw.length} >>\nstream\n${draw}\nendstream`],
    [`<< /Type /XObject /Subtype /Image /Width ${WIDTH} /Height ${HEIGHT} /ColorSpace /DeviceRGB `
      + `/BitsPerComponent 8 /Filter /DCTDecode /Length ${image.length} >>\nstream\n`, image,
    '\nendstream'],
  ];
  const chunks = [encode('%PDF-1.4\n')];
  let at = chunks[0].length;
  const starts = [];
  const put = (piece) => {
    const bytes = typeof piece === 'string' ? encode(piece) : piece;
    chunks.push(bytes);
    at += bytes.length;
  };
  objects.forEach((pieces, i) => {
    starts.push(at);
    put(`${i + 1} 0 obj\n`);
    pieces.forEach(put);
    put('\nendobj\n');
  });
  const table = at;
  const lines = starts.map((start) => `${String(start).padStart(10, '0')} 00000 n \n`).join('');
  put(`xref\n0 6\n0000000000 65535 f \n${lines}trailer\n<< /Size 6 /Root 1 0 R >>\n`
    + `startxref\n${table}\n%%EOF\n`);
  return new Blob(chunks, { type: 'application/pdf' });
}

/** The button in the bar shares the whole view. */
export function startShare() {
  $('share').addEventListener('click', () => openShare(app.place));
}
