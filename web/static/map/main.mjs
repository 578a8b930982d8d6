// The page starts here: make the map, tie the parts together, follow the link.
import { accountMenu } from '../common/account.mjs';
import { app, go, markArea, onPlace } from './app.mjs';
import { draw, open } from './building.mjs';
import { startBrowse, openBrowse } from './browse.mjs';
import { applyDay, startDay } from './day.mjs';
import { $, notice } from './dom.mjs';
import { startDrawing } from './drawing.mjs';
import { startFlat } from './flat.mjs';
import { startFloors } from './floors.mjs';
import { startIdle } from './idle.mjs';
import { drawIncidents, startIncidents } from './incidents.mjs';
import { forgetLabels, watchLabels } from './labels.mjs';
import { applyLayers, startLayers } from './layers.mjs';
import { readLink, readParts, writeLink } from './link.mjs';
import './overlays/index.mjs';
import { drawOverlays } from './overlays.mjs';
import { startPanel } from './panel.mjs';
import { startPeople } from './people.mjs';
import { startPointer } from './pointer.mjs';
import { startRecent } from './recent.mjs';
import { forgetFinds, startSearch } from './search.mjs';
import { keep, setTheme, setup, t, theme } from './setup.mjs';
import {
  changeTheme, createMap, fallback, fetchAhead, hasWebGL2, home, isFlat, setFlat, showTheme,
} from './view.mjs';
import { startShare } from './share.mjs';
import { drawSolids, startSolids } from './solids.mjs';
import { show } from './views.mjs';
import { startWall } from './wall.mjs';

async function start() {
  fetchAhead();
  showTheme();
  startPanel();
  startRecent(setup.user);
  startSearch();
  startPeople();
  startDay();
  startDrawing();
  startShare();
  startIdle();
  startFloors();
  startLayers();
  startBrowse();
  startBar();
  whoAmI();
  await startMap();
  startIncidents();
  const { identifier, camera } = readLink();
  if (identifier) await go(identifier, { fly: !camera });
  // A link put into the address of the open page shows what it says, as at the beginning.
  addEventListener('hashchange', () => show({ view: location.hash.slice(1) }));
  startWall();
  document.documentElement.dataset.ready = 'yes';
}

async function startMap() {
  if (!hasWebGL2()) {
    await startFlat(readLink().camera).catch(() => fallback(t('webgl_title'), t('webgl_text')));
    openBrowse();
    return;
  }
  const map = await createMap(readLink().camera);
  app.map = map;
  window.doorplate = { map, open };
  await new Promise((done) => { map.once('style.load', done); });
  readParts();
  startPointer();
  startSolids();
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
  drawSolids();
  drawOverlays();
  applyLayers();
  applyDay();
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
    const menu = await accountMenu({ language: setup.language, roles: setup.lists.role });
    $('who').replaceWith(menu);
    $('sign-out').addEventListener('submit', forgetFinds);
    menu.append($('sign-out'));
  } catch {
    // The page works without a name to show.
  }
}

start();
