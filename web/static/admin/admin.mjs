// The pages work without this: it copies secrets and leads to the first field that is wrong.
for (const button of document.querySelectorAll('[data-copies]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.textContent = button.dataset.done;
  });
}

document.querySelector('[aria-invalid]')?.focus();

// One question at a time: opening one closes the others; Escape closes it.
const questions = [...document.querySelectorAll('details.sure')];
for (const one of questions) {
  one.addEventListener('toggle', () => {
    if (one.open) questions.filter((other) => other !== one).forEach((other) => { other.open = false; });
  });
  one.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    one.open = false;
    one.querySelector('summary').focus();
  });
}
