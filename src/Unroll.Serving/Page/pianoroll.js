// A piano roll that grows, in the look of the reports' (.roll of report.css).
const space = 'http://www.w3.org/2000/svg', row = 9, quarter = 16, left = 44, top = 6, foot = 20;
const names = ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'];

const shape = (tag, attributes, text) => {
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

export const nameOf = pitch => `${names[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

// The pitch of a key's name; null: it is none.
export const pitchOf = name => {
  const [, note, octave] = /^(\D+?)(-?\d+)$/.exec(name) ?? [], place = names.indexOf(note);
  return place < 0 ? null : place + 12 * (Number(octave) + 1);
};

// Notes are [pitch, begin, length, loudness, voice].
export const drawRoll = notes => {
  const low = Math.min(58, ...notes.map(note => note[0])) - 2, high = Math.max(72, ...notes.map(note => note[0])) + 2;
  const length = Math.max(16, Math.ceil(Math.max(...notes.map(note => note[1] + note[2]), 0) / 4) * 4);
  const width = left + length * quarter + 8, height = top + (high - low + 1) * row + foot;
  const roll = shape('svg', { class: 'roll', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `Piano roll of ${notes.length} notes` });
  for (let pitch = low; pitch <= high; pitch++) {
    const y = top + (high - pitch) * row;
    if ([1, 3, 6, 8, 10].includes(pitch % 12)) roll.append(shape('rect', { class: 'black', x: left, y, width: length * quarter, height: row }));
    if (pitch % 12 === 0 || pitch % 12 === 7) roll.append(shape('text', { class: 'end', x: left - 5, y: y + row - 1 }, nameOf(pitch)));
  }
  for (let bar = 0; bar * 4 <= length; bar++) {
    const x = left + bar * 4 * quarter;
    roll.append(shape('path', { class: 'bar', d: `M${x} ${top}V${height - foot}` }));
    if (bar % 4 === 0 && bar * 4 < length) roll.append(shape('text', { x, y: height - 6 }, String(bar + 1)));
  }
  for (const [pitch, begin, long, , voice] of notes)
    roll.append(shape('rect', { class: 'note', fill: `var(--s${Math.max(0, voice ?? 0) % 8 + 1})`, x: left + begin * quarter + 0.5, y: top + (high - pitch) * row + 0.5,
      width: Math.max(1, long * quarter - 1), height: row - 1, rx: 1.5 }));
  const now = shape('path', { class: 'now', d: `M0 ${top}V${height - foot}`, visibility: 'hidden' });
  roll.append(now);
  return {
    roll,
    // Shows the quarter note that sounds; null: none does.
    moved(at) {
      now.setAttribute('visibility', at === null ? 'hidden' : 'visible');
      if (at !== null) now.setAttribute('transform', `translate(${left + at * quarter} 0)`);
      return left + (at ?? 0) * quarter;
    },
  };
};
