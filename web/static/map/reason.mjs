// Why a person is looked at: a purpose and a case, asked once and kept until the page is left.
import { h } from './dom.mjs';
import { setup, t } from './setup.mjs';

/** What was last said; it never leaves the page's memory. */
const said = { purpose: 'service', case: '', call: '' };

let lists = 0;

/** Offer open incidents of the place; the one that is chosen on the map is filled in. */
function offer(field, cases) {
  lists += 1;
  const list = h('datalist', { id: `cases-${lists}` }, cases.map(({ identifier, kind }) => h('option',
    { value: identifier }, kind)));
  field.setAttribute('list', list.id);
  field.after(list);
  const chosen = cases.find((one) => one.chosen);
  if (chosen) field.value = chosen.identifier;
}

/**
 * Return fields for purpose, case and, where wanted, the call in hand; and how to read them.
 * `cases` are the open incidents that the case may be.
 */
export function reasonFields({ call = false, cases = [] } = {}) {
  const purpose = h('select', { name: 'purpose', required: true }, Object.entries(
    setup.lists.purposes).map(([value, label]) => h('option', { value,
    selected: value === said.purpose }, label)));
  const text = (name, key) => {
    const field = h('input', { name, maxlength: 200, autocomplete: 'off' });
    field.value = said[name];
    return { field, label: h('label', {}, t(key), field) };
  };
  const reference = text('case', 'case');
  if (cases.length) offer(reference.field, cases);
  const inHand = call ? text('call', 'call') : null;
  return {
    elements: [h('label', {}, t('purpose'), purpose), reference.label,
      ...(inHand ? [inHand.label] : [])],
    read: () => {
      said.purpose = purpose.value;
      said.case = reference.field.value.trim();
      if (inHand) said.call = inHand.field.value.trim();
      return { purpose: said.purpose, ...(said.case ? { case: said.case } : {}),
        ...(inHand && said.call ? { call: said.call } : {}) };
    },
  };
}
