// Makes elements. Data only ever becomes text: no function of this page parses markup.

/// An element with attributes and children, which are elements or texts.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : value);
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}
