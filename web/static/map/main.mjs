// The page starts here: make the map, tie the parts together, follow the link.
import * as api from './api.mjs';
import { app, go, markArea, onPlace } from './app.mjs';
import { draw, open } from './building.mjs';
import { startBrowse, openBrowse } from './browse.mjs';
import { $, notice } from './dom.mjs';
import { startFloors } from './floors.mjs';
import { drawIncidents, startIncidents } from './incidents.mjs';
import { forgetLabels, watchLabels } from './labels.mjs';
import { applyLayers, startLayers } from './layers.mjs';
import { readLink, readParts, writeLink } from './link.mjs';
import './overlays/index.mjs';
import { drawOverlays } from './overlays.mjs';
import { startPanel } from './panel.mjs';
import { startPointer } from './pointer.mjs';
import { startSearch } from './search.mjs';
import { keep, setTheme, setup, t, theme } from './setup.mjs';
import {
  changeTheme, createMap, fallback, fonts, hasWebGL2, home, isFlat, setFlat, showTheme,
} from './view.mjs';

async function start() {
  showTheme();
  startPanel();
  startSearch();
  startFloors();
  startLayers();
  startBrowse();
  startBar();
  whoAmI();
  await startMap();
  startIncidents();
  const { identifier, camera } = readLink();
  if (identifier) await go(identifier, { fly: !camera });
  document.documentElement.dataset.ready = 'yes';
}

async function startMap() {
  if (!hasWebGL2()) {
    fallback(t('webgl_title'), t('webgl_text'));
    openBrowse();
    return;
  }
  await fonts(setup.characters);
  const map = await createMap(readLink().camera);
  app.map = map;
  window.doorplate = { map, open };
  await new Promise((done) => { map.once('style.load', done); });
  readParts();
  startPointer();
  watchLabels(map);
  map.on('moveend', () => writeLink(map));
  if (!setup.bounds) notice('empty', `${t('empty_title')} · ${t('empty_text')}`, { seconds: 0 });
  const gone = () => $('hint')?.classList.add('gone');
  onPlace(gone);
  setTimeout(gone, 12000);
}

/** After a change of theme everything the page itself drew is drawn again. */
function again() {
  forgetLabels();
  drawOverlays();
  applyLayers();
  setFlat(app.map, isFlat(), { move: false });
  drawIncidents();
  draw(app.map);
  markArea();
}

function startBar() {
  $('home').addEventListener('click', () => app.map && home(app.map));
  $('mode').addEventListener('click', () => {
    if (!app.map) return;
    setFlat(app.map, !isFlat());
    draw(app.map);
  });
  $('theme').addEventListener('click', () => {
    const name = theme() === 'dark' ? 'light' : 'dark';
    if (app.map) changeTheme(app.map, name, again);
    else { setTheme(name); showTheme(); }
  });
  $('language').addEventListener('click', (event) => {
    event.preventDefault();
    keep('lang', setup.language === 'zh' ? 'en' : 'zh');
    const query = new URLSearchParams(location.search);
    query.delete('lang');
    history.replaceState(null, '', `${location.pathname}?${query}${location.hash}`);
    location.reload();
  });
}

async function whoAmI() {
  try {
    const me = await api.get('/api/me');
    $('who').textContent = me.name ?? me.username ?? '';
    $('who').title = [me.role, me.area].filter((one) => typeof one === 'string').join(' · ');
    $('who').hidden = !$('who').textContent;
  } catch {
    // The page works without a name to show.
  }
}

start();
