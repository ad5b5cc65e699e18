// Elements, made of text alone: whatever a name, a label or a message holds stays text.

export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name === 'value' || name === 'checked') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
};

export const byId = id => document.getElementById(id);

export const button = (text, press, attributes = {}) => make('button', { type: 'button', onclick: press, ...attributes }, text);

// A field with its name above it.
let fields = 0;
export const field = (name, input) => {
  input.id ||= `field-${++fields}`;
  return make('div', { class: 'field' }, make('label', { for: input.id }, name), input);
};

export const number = (name, value, attributes = {}) => {
  const input = make('input', { type: 'number', value, ...attributes });
  return { input, label: field(name, input), get value() { return input.value.trim() === '' ? null : Number(input.value); } };
};

// Said to those who listen, and shown at the top of the page.
export const say = text => { if (byId('status').textContent !== text) byId('status').textContent = text; };

export const problem = text => {
  const box = byId('problem');
  box.textContent = text ?? '';
  box.hidden = !text;
};

// Bars with names and shares, most first.
export const odds = (list, pairs) => {
  list.className = 'odds';
  list.replaceChildren(...pairs.flatMap(([name, share]) => [make('dt', {}, name), make('dd', {}, track(share)), make('dd', { class: 'number' }, percent(share))]));
};

export const track = share => {
  const bar = make('i');
  bar.style.setProperty('--share', `${Math.max(0, Math.min(1, share)) * 100}%`);
  return make('div', { class: 'track', 'aria-hidden': 'true' }, bar);
};

// Less than all is never shown as 100 %.
export const percent = share => {
  const text = (100 * share).toFixed(share < 0.1 || (share >= 0.995 && share < 1) ? 1 : 0);
  return text === '100.0' ? '> 99.9 %' : `${text} %`;
};

export const visible = symbol => ({ ' ': '␣', '\n': '⏎', '\t': '⇥' })[symbol] ?? symbol;

// A table: names of columns, and rows of cells. On a narrow screen each row is a block of its own, which names its cells.
export const table = (columns, rows, attributes = {}) => make('table', attributes,
  make('thead', {}, make('tr', {}, columns.map(name => make('th', { scope: 'col' }, name)))),
  make('tbody', {}, rows.map(row => make('tr', { class: row.changed ? 'changed' : null },
    (row.cells ?? row).map((cell, at) => make('td', { 'data-name': columns[at] || null }, cell))))));
