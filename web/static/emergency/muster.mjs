// Ticks of a muster list: shown at once, kept by the server, tried again when the line was cut.
const list = document.getElementById('muster');
const state = document.getElementById('state');
const waiting = new Map();

document.getElementById('print').addEventListener('click', () => window.print());
for (const name of ['only-open', 'only-help']) {
  const box = document.getElementById(name);
  box.addEventListener('change', () => list.classList.toggle(name, box.checked));
}

list.addEventListener('click', (event) => {
  const button = event.target.closest('[data-tick]');
  if (!button) return;
  const unit = button.closest('.unit');
  const said = button.getAttribute('aria-pressed') === 'true' ? null : button.dataset.tick;
  show(unit, said);
  waiting.set(unit.dataset.unit, said);
  send();
});

function show(unit, said) {
  unit.dataset.state = said ?? '';
  for (const one of unit.querySelectorAll('[data-tick]')) {
    one.setAttribute('aria-pressed', String(one.dataset.tick === said));
  }
  const done = list.querySelectorAll('.unit:not([data-state=""])').length;
  document.getElementById('ticked').textContent = String(done);
}

/** Send what waits, the last word of each unit only; what fails stays and is tried again. */
async function send() {
  for (const [unit, said] of [...waiting]) {
    try {
      const answer = await fetch(`/api/emergencies/${list.dataset.ref}/ticks`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(said ? { unit, state: said } : { unit }) });
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      if (waiting.get(unit) === said) waiting.delete(unit);
    } catch {
      state.textContent = state.dataset.lost;
      return;
    }
  }
  state.textContent = '';
}

/** Ticks of others appear without a reload. */
async function refresh() {
  if (waiting.size) { await send(); return; }
  if (document.hidden) return;
  try {
    const answer = await fetch(`/api/emergencies/${list.dataset.ref}/ticks`);
    if (!answer.ok) return;
    const { ticks } = await answer.json();
    for (const unit of list.querySelectorAll('.unit')) {
      if (!waiting.has(unit.dataset.unit)) show(unit, ticks[unit.dataset.unit]?.state ?? null);
    }
  } catch {
    // The next round tries again.
  }
}
setInterval(refresh, 5000);
