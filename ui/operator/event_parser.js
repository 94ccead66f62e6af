// The text/event-stream format of the HTML standard.

/// A function that takes pieces of text and calls `on_event({data, id, type})` for every event that is whole.
export function event_parser(on_event) {
  let rest = '';
  let event = { data: [], id: '', type: '' };

  const take_line = (line) => {
    if (line === '') {
      if (event.data.length > 0)
        on_event({ ...event, data: event.data.join('\n') });
      event = { data: [], id: event.id, type: '' };
      return;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data')
      event.data.push(value);
    else if (name === 'id')
      event.id = value;
    else if (name === 'event')
      event.type = value;
  };

  return (piece) => {
    const text = rest + piece;
    const open = text.endsWith('\r') ? text.length - 1 : text.length; // the other half of a line's end may follow
    const lines = text.slice(0, open).split(/\r\n|\n|\r/);
    rest = lines.pop() + text.slice(open);
    lines.forEach(take_line);
  };
}
