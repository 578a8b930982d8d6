// The overlays of the page, the lowest first; one line a module (see ../overlays.mjs).
import './underlay.mjs';
import './units.mjs';
import './themes.mjs';
import './coverage.mjs';
import '../drawing.mjs';
import '../pasted.mjs';
