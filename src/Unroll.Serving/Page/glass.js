// The glass box: every gate and state of the network at every step, as it goes.
import { button, field, make, number } from './dom.js';
import { line, linesIn, mapIn } from './draw.js';

// What a letter stands for, where the cell is known.
const called = {
  lstm: { i: 'input gate', f: 'forget gate', g: 'candidate', o: 'output gate', m: 'tanh of c', c: 'cell state', h: 'hidden state' },
  gru: { r: 'reset gate', z: 'update gate', n: 'candidate', rh: 'r ⊙ h before', hn: 'part of h in n', h: 'hidden state' },
};
const nameOf = (layer, gate) => {
  const name = called[layer.cell.split('-')[0]]?.[gate] ?? (gate === 'h' ? 'hidden state' : null);
  return name ? `${gate} (${name})` : gate;
};
// h and what is made of it stay within ±1, unless the cell projects or has other functions.
const isBounded = gate => gate.range !== 'unbounded' || (['h', 'rh'].includes(gate.gate) && gate.values.every(step => step.every(value => Math.abs(value) <= 1)));
const isState = gate => gate.gate === 'c' || gate.gate === 'h';

const most = 160, often = 120;                               // steps that are kept to be seen; milliseconds between two pictures

export class Glass {
  constructor(root) {
    this.layer = make('select', { onchange: () => this.chosen() });
    this.gate = make('select', { onchange: () => { this.toggled = {}; this.draw(); } });
    this.axes = make('span', {}, 'Dashed lines are read on the right-hand axis. ');
    this.toggled = {};                                       // lines that were switched on or off in the legend
    this.unit = number('Unit', 0, { min: 0, step: 1, oninput: () => this.curves() });
    this.mapBox = make('div', { class: 'map' });
    this.curveBox = make('div', { class: 'curves' });
    this.mapTitle = make('h3');
    this.curveTitle = make('h3');
    this.map = mapIn(this.mapBox);
    this.map.pressed(unit => { this.unit.input.value = unit; this.curves(); });
    this.curve = linesIn(this.curveBox, (made, chart) => this.twoAxes(made, chart));
    this.none = make('p', { class: 'note' });
    this.watch = make('input', { type: 'checkbox', checked: true });
    this.all = make('div', {},
      make('div', { class: 'bar' }, field('Layer', this.layer), field('Gate or state', this.gate), this.unit.label,
        button('Clear', () => this.clear(), { class: 'small' })),
      make('div', { class: 'two' },
        make('figure', {}, this.mapTitle, this.mapBox, make('figcaption', {}, 'A row is a unit, a column a step. Click a row to see its curves.')),
        make('figure', {}, this.curveTitle, this.curveBox, make('figcaption', {}, this.axes, 'The legend shows and hides lines.'))));
    root.replaceChildren(make('div', { class: 'bar' }, make('label', {}, this.watch, ' Watch every step as it is taken')), this.none, this.all);
    this.clear();
  }

  clear(why = 'Steps that are taken are shown here, gate by gate.') {
    [this.labels, this.layers] = [[], []];
    this.none.textContent = why;
    [this.none.hidden, this.all.hidden] = [false, true];
  }

  get empty() { return this.labels.length === 0; }

  // More steps: a label for each, and what look or inspect said of the layers.
  add(labels, layers) {
    if (labels.length === 0 || layers.length === 0) return;
    const same = this.layers.length === layers.length && layers.every((one, l) => one.layer === this.layers[l].layer);
    if (!same) {
      this.labels = [];
      this.layers = layers.map(one => ({ ...one, gates: one.gates.map(gate => ({ ...gate, values: [] })) }));
      this.options();
    }
    this.labels.push(...labels);
    layers.forEach((one, l) => one.gates.forEach((gate, g) => this.layers[l].gates[g].values.push(...gate.values)));
    const over = this.labels.length - most;
    if (over > 0) {
      this.labels.splice(0, over);
      for (const one of this.layers) for (const gate of one.gates) gate.values.splice(0, over);
    }
    [this.none.hidden, this.all.hidden] = [true, false];
    this.draw();
  }

  replace(labels, layers) {
    for (const one of this.layers) for (const gate of one.gates) gate.values = [];
    this.labels = [];
    this.add(labels, layers);
  }

  options() {
    this.layer.replaceChildren(...this.layers.map((one, l) => make('option', { value: l }, `${one.layer} (${one.cell}, ${one.hidden} units)`)));
    this.layer.value = this.layers.length - 1;
    this.chosen();
  }

  chosen() {
    const gates = this.layers[this.layer.value].gates, before = this.gate.value;
    this.gate.replaceChildren(...gates.map(gate => make('option', { value: gate.gate }, nameOf(this.layers[this.layer.value], gate.gate))));
    this.gate.value = gates.some(gate => gate.gate === before) ? before : gates[0].gate;
    this.draw();
  }

  // A few times a second, however quickly steps come.
  draw() {
    this.frame ??= setTimeout(() => {
      this.frame = null;
      this.drawNow();
    }, often);
  }

  drawNow() {
    const layer = this.layers[this.layer.value], gate = layer?.gates.find(one => one.gate === this.gate.value);
    if (!gate || gate.values.length === 0) return;
    const units = gate.values[0].length, bounded = gate.range === 'logistic';
    let largest = 1e-6;
    for (const step of gate.values) for (const value of step) largest = Math.max(largest, Math.abs(value ?? 0));
    const limit = gate.range === 'tanh' ? 1 : largest;
    this.mapTitle.textContent = `${nameOf(layer, gate.gate)} of ${layer.layer}`;
    this.map.show({
      rows: Array.from({ length: units }, (_, unit) => `unit ${unit}`), columns: this.labels, min: bounded ? 0 : -limit, max: bounded ? 1 : limit,
      diverging: !bounded, at: (unit, step) => gate.values[step]?.[unit] ?? NaN,
    }, `Map of ${nameOf(layer, gate.gate)} of ${layer.layer}: ${units} units at ${this.labels.length} steps`);
    this.curves();
  }

  curves() {
    const layer = this.layers[this.layer.value];
    if (!layer || this.labels.length === 0) return;
    this.unit.input.max = layer.hidden - 1;
    const unit = Math.max(0, Math.min(layer.hidden - 1, Math.floor(this.unit.value ?? 0)));
    const gates = layer.gates.filter(gate => unit < (gate.values[0]?.length ?? 0));
    this.curveTitle.textContent = `Unit ${unit} of ${layer.layer}`;
    this.free = gates.map(gate => !isBounded(gate));
    this.axes.hidden = !this.free.includes(true) || !this.free.includes(false);
    this.limit = Math.max(1e-3, ...gates.flatMap((gate, g) => this.free[g] ? gate.values.map(step => Math.abs(step[unit] ?? 0)) : []));
    this.selected = Object.fromEntries(gates.map(gate => [gate.gate, this.toggled[gate.gate] ?? (gate.gate === this.gate.value || isState(gate))]));
    this.curve.show({
      x: this.labels, lines: gates.map((gate, g) => line(gate.gate, gate.values.map(step => step[unit]), this.free[g] ? 'dashed' : 'solid')),
    }, `Curves of unit ${unit}: ${gates.map(gate => `${gate.gate} is ${gate.values.at(-1)[unit]?.toPrecision(3)}`).join(', ')} at the last step`);
  }

  // What has bounds on the left, what has none on the right; both have their zero in the middle.
  twoAxes(made) {
    made.legend = { ...made.legend, selected: this.selected };
    if (!this.listens && this.curve.view) {
      this.curve.view.on('legendselectchanged', ({ name, selected }) => { this.toggled[name] = selected[name]; });
      this.listens = true;
    }
    if (!this.free?.includes(false)) return made;
    const bounded = { ...made.yAxis, min: -1, max: 1 };
    if (!this.free.includes(true)) return { ...made, yAxis: bounded };
    const power = 10 ** Math.floor(Math.log10(this.limit)), limit = power * [1, 2, 4, 10].find(step => step * power >= this.limit);
    made.yAxis = [bounded, { ...made.yAxis, min: -limit, max: limit, splitLine: { show: false }, position: 'right' }];
    made.series.forEach((one, i) => { one.yAxisIndex = this.free[i] ? 1 : 0; });
    made.dataZoom = [];
    made.grid = { ...made.grid, bottom: 10 };
    return made;
  }
}
