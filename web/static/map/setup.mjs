// What the server told the page: words, code lists, palettes, the area; and what is remembered.

export const setup = JSON.parse(document.getElementById('setup').textContent);
// Lists come as pairs, so that their order is kept.
for (const group of [setup.lists, setup.symbols]) {
  for (const [name, pairs] of Object.entries(group)) group[name] = Object.fromEntries(pairs);
}

/** Return a word of the page, `{0}`, `{1}` filled in. */
export function t(key, ...values) {
  const text = setup.words[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, n) => values[n] ?? '');
}

export const known = (key) => key in setup.words;

/** Return the word for a code of a list; a code without a word stands for itself. */
export const code = (list, value) => setup.lists[list]?.[value] ?? value ?? '';

/** Keep a choice for a year, where the server can read it as well. */
export function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`;
}

const root = document.documentElement;
if (!root.dataset.theme) {
  root.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
export const theme = () => root.dataset.theme;
export const palette = () => setup.palettes[theme()];
export function setTheme(name) {
  root.dataset.theme = name;
  keep('theme', name);
}

const numbers = new Intl.NumberFormat(setup.language === 'zh' ? 'zh-CN' : 'en',
  { maximumFractionDigits: 1 });
export const number = (value) => numbers.format(value);

const locale = setup.language === 'zh' ? 'zh-CN' : 'en-GB';
/** A day in the reader's way of writing it. */
export const date = (text) => new Date(text).toLocaleDateString(locale,
  { year: 'numeric', month: 'numeric', day: 'numeric' });
export const dateTime = (text) => new Date(text).toLocaleString(locale,
  { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });
/** Compare two names as the reader sorts them: Chinese by pinyin, numbers by their value. */
export const byName = new Intl.Collator(setup.language === 'zh' ? 'zh-CN-u-co-pinyin' : 'en',
  { numeric: true }).compare;
