// Makes and changes elements. Data only ever becomes text: no function of this page parses markup.

const svg_space = 'http://www.w3.org/2000/svg';

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : value);
  made.append(...children.flat().filter((each) => each !== null && each !== undefined));
  return made;
}

/// An element with attributes and children, which are elements or texts; what is null is left out.
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/// The same in a drawing.
export function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(svg_space, tag), attributes, children);
}

/// Sets a text only where it differs, so that nothing is laid out again for nothing.
export function set_text(of, text) {
  const wanted = String(text);
  if (of.textContent !== wanted)
    of.textContent = wanted;
}

/// Sets an attribute only where it differs; null removes it.
export function set_attribute(of, name, value) {
  if (value === null) {
    if (of.hasAttribute(name))
      of.removeAttribute(name);
  } else if (of.getAttribute(name) !== String(value)) {
    of.setAttribute(name, value);
  }
}

/// A button that says what it does by `data-action`, which the listener of its view reads.
export function button(text, action, attributes = {}) {
  return element('button', { type: 'button', 'data-action': action, ...attributes }, text);
}

/// A field with its label.
export function labelled(text, field) {
  return element('label', { class: 'field' }, element('span', {}, text), field);
}

/// A list of facts: pairs of a name and a text or an element; pairs without a value are left out.
export function facts(pairs) {
  return element('dl', { class: 'facts' }, ...pairs
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => element('div', {}, element('dt', {}, name),
      element('dd', {}, value instanceof Node ? value : String(value)))));
}

/// A chip that shows a state by its word, with a colour beside it.
export function chip(state) {
  return element('span', { class: 'chip', 'data-state': state }, state.replaceAll('_', ' '));
}
