// Keys answer the question: 1-9 a place, 0 none of them, U takes back, arrows walk, / searches.
// Without this the page works by its buttons.
const keyed = new Map([...document.querySelectorAll('[data-key]')].map((one) => [one.dataset.key, one]));
let sent = false;

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches('input, select, textarea')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const one = keyed.get(event.key.toLowerCase());
  if (!one || event.repeat) return;
  event.preventDefault();
  if (one.matches('input')) one.select();
  else one.click();
});

// Up and down walk among the answers.
const choices = [...document.querySelectorAll('button.choice')];
addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches('input')) return;
  event.preventDefault();
  const at = choices.indexOf(document.activeElement);
  choices[(at + step + choices.length) % choices.length]?.focus();
});

// An impatient second press answers no second question.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
addEventListener('pageshow', () => { sent = false; });

// The pin of the answer under the pointer or the focus is lit.
for (const choice of document.querySelectorAll('button[data-pin]')) {
  const pin = document.querySelector(`svg [data-pin="${choice.dataset.pin}"]`);
  const light = (on) => {
    pin?.classList.toggle('lit', on);
    if (on && pin) pin.parentNode.append(pin);
  };
  for (const [name, on] of [['mouseenter', true], ['focus', true], ['mouseleave', false], ['blur', false]]) {
    choice.addEventListener(name, () => light(on));
  }
}
