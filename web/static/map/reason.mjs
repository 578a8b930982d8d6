// Why a person is looked at: a purpose and a case, asked once and kept until the page is left.
import { h } from './dom.mjs';
import { setup, t } from './setup.mjs';

/** What was last said; it never leaves the page's memory. */
const said = { purpose: 'service', case: '', call: '' };

/** Return fields for purpose, case and, where wanted, the call in hand; and how to read them. */
export function reasonFields({ call = false } = {}) {
  const purpose = h('select', { name: 'purpose', required: true }, Object.entries(
    setup.lists.purposes).map(([value, label]) => h('option', { value,
    selected: value === said.purpose }, label)));
  const text = (name, key) => {
    const field = h('input', { name, maxlength: 200, autocomplete: 'off' });
    field.value = said[name];
    return { field, label: h('label', {}, t(key), field) };
  };
  const reference = text('case', 'case');
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
