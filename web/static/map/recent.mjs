// What was found last: places and organizations, never persons; kept in this browser, by user.
const MOST = 8;
let key = null;

/** Say whose finds these are; those of others are forgotten. */
export function startRecent(user) {
  key = `recent:${user}`;
  try {
    for (const one of Object.keys(localStorage)) {
      if (one.startsWith('recent:') && one !== key) localStorage.removeItem(one);
    }
  } catch {
    key = null;
  }
}

export function recent() {
  try {
    return JSON.parse((key && localStorage.getItem(key)) ?? '[]');
  } catch {
    return [];
  }
}

export function remember({ identifier, label, context, level }) {
  const others = recent().filter((one) => one.id !== identifier);
  const all = [{ id: identifier, text: label, display: label, context, level }, ...others];
  try {
    if (key) localStorage.setItem(key, JSON.stringify(all.slice(0, MOST)));
  } catch {
    // A browser that keeps nothing still finds everything.
  }
}

export function forget() {
  try {
    if (key) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
