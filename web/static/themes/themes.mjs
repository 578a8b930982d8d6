// The page of thematic maps: swatches, sorting, and choices that show themselves at once.

for (const swatch of document.querySelectorAll('.swatch[data-colour]')) {
  if (swatch.dataset.colour) swatch.style.background = swatch.dataset.colour;
}

/** What a cell is sorted by: its figure, else its text; cells without a figure come last. */
function keyOf(row, column) {
  const cell = row.cells[column];
  if (cell.dataset.value === undefined) return cell.textContent;
  return cell.dataset.value === '' ? null : Number(cell.dataset.value);
}

function sort(head, column) {
  const down = head.getAttribute('aria-sort') !== 'descending';
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const body = head.closest('table').tBodies[0];
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
  rows.sort((one, other) => {
    if (one.key === null || other.key === null) return (one.key === null) - (other.key === null);
    const order = typeof one.key === 'number' ? one.key - other.key
      : words.compare(one.key, other.key);
    return down ? -order : order;
  });
  body.append(...rows.map(({ row }) => row));
}

for (const [column, head] of [...document.querySelectorAll('thead th')].entries()) {
  head.querySelector('button').addEventListener('click', () => sort(head, column));
}

const form = document.querySelector('.choices');
form?.addEventListener('submit', () => {
  // What is left as the theme says need not stand in the link.
  for (const field of form.querySelectorAll('[data-optional]')) field.disabled = !field.value;
});
form?.addEventListener('change', () => form.requestSubmit());
