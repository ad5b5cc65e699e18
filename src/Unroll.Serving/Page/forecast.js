// A forecaster: a series is drawn with the pointer or the arrow keys, or pasted, and its forecast moves with it.
import { button, field, make, problem, table } from './dom.js';
import { line, linesIn } from './draw.js';

const short = value => Number(value.toPrecision(5));

export class ForecastPanel {
  constructor(root, bench) {
    this.bench = bench;
    const { columns, inputs } = bench.about;
    this.names = [...columns, ...inputs];
    this.column = 0;
    this.madeUp = this.names.every((_, c) => bench.about.ranges[c]);
    this.count = this.length();
    this.rows = this.madeUp ? this.beginning() : [];
    this.at = this.rows.length - 1;
    this.answer = null;
    this.box = make('div', { class: 'plot editor', tabindex: 0, onkeydown: event => this.key(event) });
    this.chart = linesIn(this.box, made => this.framed(made));
    this.told = make('p', { class: 'note', role: 'status' });
    this.caption = make('p', { class: 'note' }, 'A made-up series; draw your own.');
    this.paste = make('textarea', { rows: 4, spellcheck: 'false' });
    this.time = make('input', { type: 'text', size: 16, placeholder: 'such as 2026-01-31', autocomplete: 'off', onchange: () => this.soon(0) });
    this.which = make('select', { onchange: () => { this.column = Number(this.which.value); this.draw(); } }, this.names.map((name, c) => make('option', { value: c }, name)));
    this.points = make('div', { class: 'tall' });
    root.replaceChildren(
      make('p', {}, 'Drag along the chart to draw the series, or choose a row with ← and → and move it with ↑ and ↓ (Page Up and Page Down: far). The forecast follows.'),
      this.box, this.caption, this.told,
      make('div', { class: 'bar' }, this.names.length > 1 ? field('Draw', this.which) : null, button('Add a row', () => this.grow()), button('Remove the last row', () => this.shrink()),
        button('Commit these rows to the session', () => this.take())),
      make('details', {}, make('summary', {}, 'Paste a series, or say when it begins'),
        field(`A row a line: ${this.names.join(', ')}`, this.paste),
        make('div', { class: 'bar' }, button('Use these rows', () => this.pasted()), field('Time of the first row (where the model knows times)', this.time))),
      make('details', {}, make('summary', {}, 'The forecast in numbers'), this.points));
    this.pointer();
  }

  get period() { return this.bench.about.season > 1 ? this.bench.about.season : 12; }

  // How many rows are drawn at first.
  length() {
    const { rows_needed: needed, window } = this.bench.about;
    return Math.max(needed + 8, Math.min(120, Math.max(window ?? 0, 2 * this.period) + 8));
  }

  // Something to begin with: a season's rhythm within what the model was trained on.
  beginning() {
    const { period } = this;
    return Array.from({ length: this.count }, (_, t) => this.names.map((_, c) => {
      const [low, high] = this.bench.about.ranges[c], middle = (low + high) / 2, half = (high - low) / 4;
      return short(middle + half * Math.sin(2 * Math.PI * t / period) + 0.15 * half * Math.sin(t * 1.7));
    }));
  }

  get alive() { return true; }                               // what is drawn is looked at in a session

  options() { return {}; }

  async began(session) {
    this.after = session.position;
    await this.forecast();
  }

  soon(wait = 60) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.forecast(), wait);
  }

  steps(rows) {
    const first = this.time.value.trim();
    return rows.map((row, t) => ({ row, ...(t === 0 && first && this.after === 0 ? { time: first } : {}) }));
  }

  async forecast() {
    if (this.rows.length === 0) { this.draw(); return; }
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    await this.bench.work(async session => {
      const look = await session.look(this.steps(this.rows), { last: true });
      this.answer = look.answers.at(-1);
      this.draw();
      if (this.bench.glass.watch.checked && look.layers.length > 0) this.bench.glass.replace(look.labels ? this.rowsOf(look.labels) : look.rounds.map(step => `row ${step + 1}`), look.layers);
    }, { quiet: true });
    this.busy = false;
    if (this.again) { this.again = false; this.soon(0); }
  }

  async take() {
    if (this.rows.length === 0) { problem('Paste or draw a series first.'); return; }
    await this.bench.work(async session => {
      const answers = await session.take(this.steps(this.rows));
      this.answer = answers.at(-1);
      this.after = session.position;
      const last = this.rows.at(-1);
      this.rows = [[...last]];
      this.madeUp = false;
      this.at = 0;
      this.draw();
      this.told.textContent = `The session has taken the rows and stands at ${session.position}. Rows that are drawn now come after them.`;
    });
    await this.forecast();
  }

  pasted() {
    const rows = this.paste.value.trim().split(/\r?\n/).map(row => row.split(/[\s,;]+/).filter(part => part !== '').map(Number));
    const bad = rows.findIndex(row => row.length !== this.names.length || row.some(value => !Number.isFinite(value)));
    if (this.paste.value.trim() === '' || bad >= 0) {
      problem(`Line ${bad + 1}: expected ${this.names.length === 1 ? 'a number' : `${this.names.length} numbers (${this.names.join(', ')})`}. Paste one row a line.`);
      this.paste.focus();
      return;
    }
    if (rows.length > 1000) { problem(`Expected at most 1,000 rows, found ${rows.length}. Paste the last ones.`); return; }
    problem();
    this.rows = rows;
    [this.madeUp, this.answer] = [false, null];
    this.at = rows.length - 1;
    this.soon(0);
  }

  grow() {
    this.rows.push([...(this.rows.at(-1) ?? this.names.map(() => 1))]);
    this.at = this.rows.length - 1;
    this.soon(0);
  }

  shrink() {
    if (this.rows.length > 1) this.rows.pop();
    this.madeUp = false;
    this.at = Math.min(this.at, this.rows.length - 1);
    this.soon(0);
  }

  draw() {
    this.caption.hidden = !this.madeUp;
    if (this.rows.length === 0) {
      this.told.textContent = 'Paste or draw a series.';
      this.chart.show({ x: Array.from({ length: this.count }, (_, t) => `row ${(this.after ?? 0) + 1 + t}`), yName: this.names[this.column],
        lines: [line('series', Array(this.count).fill(null))] }, this.told.textContent);
      return;
    }
    const own = this.answer?.forecasts.filter(one => one.column === this.names[this.column]) ?? [], past = this.rows.map(row => row[this.column]);
    const gap = past.map(() => null), begin = (this.after ?? 0) + 1;
    const join = own.length > 0 ? gap.with(-1, past.at(-1)) : gap;
    const x = [...past.map((_, t) => `row ${begin + t}`), ...own.map((one, k) => one.time === '' || /^\d+$/.test(one.time) ? `+${k + 1}` : one.time)];
    const interval = this.answer ? `interval of ${(100 * this.answer.interval).toFixed(0)} %` : 'interval';
    this.chart.show({
      x, yName: this.names[this.column],
      lines: [line('series', [...past, ...own.map(() => null)]), line('forecast', [...join, ...own.map(one => one.forecast)], 'dashed')],
      bands: own.length === 0 ? [] : [{ name: interval, lower: [...join, ...own.map(one => one.lower)], upper: [...join, ...own.map(one => one.upper)] }],
      marks: [{ index: this.at, label: '' }],
    }, this.sentence(own));
    this.told.textContent = this.sentence(own);
    this.points.replaceChildren(own.length === 0 ? '' : table(['Row', 'Forecast', 'From', 'To'], own.map((one, k) => [x[past.length + k], ...[one.forecast, one.lower, one.upper].map(v => v === null ? '–' : String(short(v)))])));
  }

  sentence(own) {
    const row = `Row ${(this.after ?? 0) + this.at + 1} is ${short(this.rows[this.at][this.column])}.`;
    if (own.length === 0) return `${row} The model needs ${this.answer?.rows_needed ?? 'some'} rows more before it forecasts.`;
    const { forecast, lower, upper } = own[0];
    return `${row} The next one is forecast as ${short(forecast)}` + (lower === null ? '.' : `, between ${short(lower)} and ${short(upper)}.`);
  }

  // While somebody draws, the axis stays as it is.
  framed(made) {
    const values = this.rows.map(row => row[this.column]), own = this.answer?.forecasts.filter(one => one.column === this.names[this.column]) ?? [];
    if (!this.frame) {
      const all = [...values, ...own.flatMap(one => [one.forecast, one.lower, one.upper]), ...(this.bench.about.ranges[this.column] ?? [])].filter(v => v !== null && v !== undefined);
      const low = all.length > 0 ? Math.min(...all) : 0, high = all.length > 0 ? Math.max(...all) : 1, more = 0.12 * (high - low || Math.abs(high) || 1);
      this.shown = { min: short(low >= 0 ? Math.max(0, low - more) : low - more), max: short(high + more) };
    }
    made.yAxis = { ...made.yAxis, ...this.shown, axisLabel: { ...made.yAxis.axisLabel, showMinLabel: false, showMaxLabel: false } };
    made.dataZoom = [];
    if (this.frame) made.tooltip = { show: false };
    return made;
  }

  pointer() {
    const place = event => {
      const box = this.box.getBoundingClientRect(), at = [event.clientX - box.left, event.clientY - box.top];
      return this.chart.view?.convertFromPixel('grid', at);
    };
    let before = null;
    const set = event => {
      const found = place(event);
      if (!found) return;
      const to = Math.max(0, Math.min(this.rows.length - 1, Math.round(found[0]))), value = found[1];
      const [from, old] = before ?? [to, value];
      for (let t = Math.min(from, to); t <= Math.max(from, to); t++) this.rows[t][this.column] = short(from === to ? value : old + (value - old) * (t - from) / (to - from));
      before = [to, value];
      this.at = to;
      this.draw();
      this.soon(30);
    };
    this.box.addEventListener('pointerdown', event => {
      if (event.button !== 0 || !this.chart.view?.containPixel('grid', [event.offsetX, event.offsetY])) return;
      const found = place(event);
      if (!found || found[0] > (this.rows.length || this.count) - 0.5) return;
      if (this.rows.length === 0) this.rows = Array.from({ length: this.count }, () => this.names.map(() => short(found[1])));     // level with where drawing begins
      [this.frame, this.madeUp] = [true, false];
      this.box.classList.add('drawing');
      this.box.setPointerCapture(event.pointerId);
      set(event);
    });
    this.box.addEventListener('pointermove', event => { if (this.frame && event.buttons) set(event); });
    for (const end of ['pointerup', 'pointercancel']) this.box.addEventListener(end, () => {
      [this.frame, before] = [false, null];
      this.box.classList.remove('drawing');
      this.soon(0);
    });
  }

  key(event) {
    if (this.rows.length === 0) return;
    const values = this.rows.map(row => row[this.column]), by = (Math.max(...values) - Math.min(...values) || Math.abs(values[0]) || 1) / 40;
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key], lift = { ArrowUp: by, ArrowDown: -by, PageUp: 8 * by, PageDown: -8 * by }[event.key];
    if (move) this.at = Math.max(0, Math.min(this.rows.length - 1, this.at + move));
    else if (event.key === 'Home') this.at = 0;
    else if (event.key === 'End') this.at = this.rows.length - 1;
    else if (lift) {
      this.rows[this.at][this.column] = short(this.rows[this.at][this.column] + lift);
      this.madeUp = false;
    }
    else return;
    event.preventDefault();
    this.draw();
    if (lift) this.soon();
  }

  // The rows of the model's window: the last ones.
  rowsOf(labels) {
    const last = (this.after ?? 0) + this.rows.length;
    return labels.map((_, t) => `row ${last - labels.length + 1 + t}`);
  }

  get source() {
    return {
      unit: 'row',
      lines: true,
      body: () => this.rows.length === 0 ? null : this.rows,
      explain: async () => {
        if (this.rows.length === 0) throw new Error('Paste or draw a series first.');
        const look = await this.bench.session.look(this.steps(this.rows), { last: true, explain: true });
        if (!look.saliency) throw new Error('Nothing can be told yet: there are too few rows, or this model carries its state through the whole series (unroll inspect shows which rows counted then).');
        return { labels: this.rowsOf(look.labels), saliency: { ...look.saliency, output: null } };
      },
      tokens: this.bench.hasSessions ? () => this.rows.map(row => String(row[this.column])) : null,
      steps: tokens => this.steps(this.rows.map((row, t) => row.with(this.column, Number(tokens[t])))),
      told: answer => answer.forecasts.length === 0 ? '(none yet)' : String(short(answer.forecasts[0].forecast)),
    };
  }
}
