// Making elements; text never becomes markup.
export function h(tag, said = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(said)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}
