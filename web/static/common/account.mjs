// Who am I, and as what: a small menu for any page. It asks /api/me once.
//
//   import { accountMenu } from '/static/common/account.mjs';
//   bar.append(await accountMenu({ language: 'zh', roles: { officer: '社区工作人员' } }));

const WORDS = {
  zh: { everywhere: '全区', account: '我的账号', grids: '网格' },
  en: { everywhere: 'everywhere', account: 'My account',
    grids: 'grids' },
};

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Act in another of one's assignments; the page begins anew, for it shows other things now. */
export async function actAs(assignment) {
  const answer = await fetch('/api/me/assignment', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ assignment }),
  });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? answer.status);
  location.reload();
}

function line(one, t, roles) {
  const area = one.area === '*' ? t.everywhere : one.area_name ?? one.area;
  const grids = one.grids.length ? ` · ${one.grids.length} ${t.grids}` : '';
  const button = make('button', { type: 'button', role: 'menuitemradio',
    'aria-checked': String(one.active) }, `${roles[one.role] ?? one.role} · ${area}${grids}`);
  if (!one.active) {
    button.addEventListener('click', () => actAs(one.id).catch((error) => {
      button.title = error.message;
      button.setAttribute('aria-invalid', 'true');
    }));
  }
  return make('li', { role: 'none' }, button);
}

/** Return a <details> that names the caller and lists what they may act as. */
export async function accountMenu({ language = 'zh', roles = {} } = {}) {
  const t = WORDS[language] ?? WORDS.zh;
  const me = await (await fetch('/api/me')).json();
  const links = [make('a', { href: '/account' }, t.account)];
  for (const { path, title } of me.rooms) {
    if (path !== location.pathname) links.push(make('a', { href: path }, title));
  }
  return make('details', { class: 'account' },
    make('summary', {}, `${me.name} · ${roles[me.role] ?? me.role}`),
    make('ul', { role: 'menu' }, ...me.assignments.map((one) => line(one, t, roles))),
    ...links);
}
