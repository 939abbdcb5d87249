/**
 * A DOM element with attributes and children. Text goes in as text, never as HTML. An `on…` attribute is a
 * listener; null, undefined and false are left out, also among the children.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** Text for a screen reader only. */
export const unseen = (text) => element('span', { class: 'unseen' }, text);
