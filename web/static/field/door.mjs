// One door: who is on record there, what was found, what differs, and pictures of the place.
import { h } from './dom.mjs';
import { photoRow } from './photos.mjs';

/** Return the form of a door; `save` gets the outcome, the findings and the pictures. */
export function doorForm(door, { t, lists, photos: most, save, cancel, wrong }) {
  const findings = [];
  const pictures = photoRow({ t, most, wrong });
  const list = h('ul', { class: 'findings' });
  const changes = h('div', { class: 'changes', hidden: true });
  const word = (name, code) => lists[name].find(([one]) => one === code)?.[1] ?? '';

  function push(one, said) {
    findings.push(one);
    const item = h('li', {}, said, ' ', h('button', { type: 'button', class: 'plain', onclick: () => {
      findings.splice(findings.indexOf(one), 1);
      item.remove();
    } }, t.drop));
    list.append(item);
  }

  const has = (kind, ref) => findings.some((one) => one.kind === kind && one.ref === ref);
  const people = door.people.map((one) => h('li', {},
    h('span', {}, h('b', {}, one.name ?? '—'), ' ', word('sex', one.sex), ' ', one.age_band ?? ''),
    h('button', { type: 'button', class: 'small when-changed', onclick: () => {
      if (!has('left', one.ref)) push({ kind: 'left', ref: one.ref }, `${one.name} ${t.left}`);
    } }, t.left)));
  const firms = door.organizations.map((one) => h('li', {}, h('span', {}, h('b', {}, one.name)),
    h('button', { type: 'button', class: 'small when-changed', onclick: () => {
      if (!has('firm_left', one.ref)) push({ kind: 'firm_left', ref: one.ref }, `${one.name} ${t.firm_left}`);
    } }, t.firm_left)));

  const select = (name, label) => h('label', {}, label, h('select', { name },
    h('option', { value: '' }, '—'), lists[name === 'relation' ? 'relation_to_head' : name === 'use' ? 'unit_use' : name]
      .map(([code, text]) => h('option', { value: code }, text))));
  const came = h('fieldset', {}, h('legend', {}, t.came),
    h('label', {}, t.name, h('input', { name: 'came', maxlength: 50, autocomplete: 'off' })),
    select('sex', t.sex), select('relation', t.relation), adder(() => {
      const name = value(came, 'came');
      if (!name) return;
      const one = { kind: 'came', name };
      for (const part of ['sex', 'relation']) if (value(came, part)) one[part] = value(came, part);
      push(one, `${t.came}: ${name} ${word('sex', one.sex)} ${word('relation_to_head', one.relation)}`);
      clear(came);
    }));
  const firm = h('fieldset', {}, h('legend', {}, t.firm_came),
    h('label', {}, t.firm_name, h('input', { name: 'firm', maxlength: 50, autocomplete: 'off' })),
    adder(() => {
      const name = value(firm, 'firm');
      if (!name) return;
      push({ kind: 'firm_came', name }, `${t.firm_came}: ${name}`);
      clear(firm);
    }));
  const more = h('fieldset', {}, h('legend', {}, t.use), select('use', t.use), adder(() => {
    const use = value(more, 'use');
    if (use) push({ kind: 'use', use }, `${t.use}: ${word('unit_use', use)}`);
    clear(more);
  }));
  const note = h('fieldset', {}, h('legend', {}, t.note),
    h('label', {}, t.note_hint, h('input', { name: 'note', maxlength: 300, autocomplete: 'off' })),
    adder(() => {
      const text = value(note, 'note');
      if (text) push({ kind: 'note', text }, text);
      clear(note);
    }));

  function adder(act) {
    return h('button', { type: 'button', onclick: act }, t.add);
  }
  function value(part, name) {
    return part.querySelector(`[name="${name}"]`).value.trim();
  }
  function clear(part) {
    for (const one of part.querySelectorAll('input, select')) one.value = '';
  }

  changes.append(h('h3', {}, t.what_differs), list, came, firm, more, note,
    h('p', { class: 'acts' }, h('button', { type: 'button', class: 'go', onclick: () => {
      for (const part of [came, firm, more, note]) part.querySelector('button').click();
      if (findings.length) save('changed', findings, pictures.taken);
    } }, t.save)));
  const form = h('section', { class: 'card doorway', 'aria-label': door.label },
    h('div', { class: 'head' }, h('h2', {}, `${door.entrance ?? ''} ${door.label}`.trim(),
      h('small', {}, `${door.storey ?? ''} ${word('unit_use', door.use)}`)),
    h('button', { type: 'button', class: 'plain', onclick: cancel }, t.cancel)),
    h('h3', {}, t.people), people.length ? h('ul', { class: 'people' }, people)
      : h('p', { class: 'quiet' }, t.nobody_known),
    firms.length ? [h('h3', {}, t.firms), h('ul', { class: 'people' }, firms)] : null,
    pictures.element,
    h('div', { class: 'outcomes' },
      ['confirmed', 'nobody', 'gone'].map((one) => h('button', { type: 'button',
        class: one === 'confirmed' ? 'go' : '', onclick: () => save(one, [], pictures.taken) }, t[one])),
      h('button', { type: 'button', 'aria-expanded': 'false', onclick: (event) => {
        changes.hidden = !changes.hidden;
        form.classList.toggle('changing', !changes.hidden);
        event.currentTarget.setAttribute('aria-expanded', String(!changes.hidden));
      } }, t.changed)),
    changes);
  return form;
}
