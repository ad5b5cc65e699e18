// Which inputs counted, and what a change of one would do.
import { ask, path } from './api.js';
import { button, field, make, percent, problem, table, visible } from './dom.js';
import { line, linesIn, mapIn } from './draw.js';
import { Session } from './session.js';

// What a panel says of what was given to the model:
//   body()     the data, as a file has them; null: nothing yet     data   what that file is called     explain(step)   instead of both, asks by itself
//   unit       what a step is called     before()   how many there were before those that are given
//   leads      something stands before the tokens     next()   what the session finds most probable after the last of them
//   lines      labels are too long for a row of words: draw a curve
//   tokens()   the steps as texts     steps(tokens)   the steps of a session     told(answer)   an answer in a few words
export class Why {
  constructor(root, model, source) {
    Object.assign(this, { model, source, step: null });
    this.said = make('p', { role: 'status' });
    this.shaded = make('div', { class: 'steps', role: 'group', 'aria-label': 'The input; press a part to explain the output there' });
    this.curveBox = make('div', { class: 'curves', hidden: true });
    this.curve = linesIn(this.curveBox);
    this.unit = source.unit ?? 'step';
    root.append(make('h3', {}, 'Which inputs counted'),
      make('div', { class: 'bar' }, button('Show which inputs counted', () => this.show(null))), this.said, this.shaded, this.curveBox);
    if (source.tokens) this.change(root);
  }

  // `quiet`: nobody asked, so what goes wrong is said here alone.
  async show(step, quiet = false) {
    if (!quiet) problem();
    try {
      if (this.source.explain) { this.draw(await this.source.explain()); return; }
      const body = this.source.body(), count = this.source.leads ? this.source.tokens().length : null, query = new URLSearchParams();
      if (body === null) { this.said.textContent = 'There is no input yet: give the model some above.'; return; }
      if (step !== null) query.set('step', step);
      if (this.source.data) query.set('data', this.source.data);
      this.first = 1 + (this.source.before?.() ?? 0);
      const told = await ask(`${path('models', this.model, 'inspect')}?${query}`, { method: 'POST', body });
      this.draw(told, count === null ? 0 : Math.max(0, told.labels.length - count));
    } catch (error) { if (quiet) this.said.textContent = error.message; else problem(error.message); }
  }

  // The first `lead` labels stand before the input.
  draw({ labels, saliency, findings = [] }, lead = 0) {
    if (!saliency) { this.said.textContent = 'Rounded weights have no gradients: serve the model with floats to see this.'; return; }
    const { row, rows, values, output } = saliency, sum = values.reduce((a, b) => a + b, 0) || 1, top = Math.max(...values) || 1;
    const order = values.map((value, k) => [value, k]).sort((a, b) => b[0] - a[0]).slice(0, 3).filter(([value]) => value > 0);
    const place = k => k < lead ? 'before the text' : `${this.unit} ${(this.first ?? 1) + k - lead}`;
    const next = row === labels.length - 1 ? this.source.next?.() : null;
    const at = rows === labels.length ? `after ${visible(labels[row])} (${place(row)})` : 'at the end';
    const problems = findings.filter(one => one.problem).length;
    this.said.textContent = `${output === null ? 'The forecast' : `The most probable output ${at}, ${visible(output)},`} depended most on `
      + `${order.map(([value, k]) => this.source.lines ? `${/^\d+$/.test(labels[k]) ? place(k) : labels[k]} (${percent(value / sum)})` : `${visible(labels[k])} (${place(k)}, ${percent(value / sum)})`).join(', ')}.`
      + (next && next !== output ? ` The session goes on from all that it has read, and finds ${visible(next)} the most probable.` : '')
      + (problems ? ` ${problems === 1 ? 'One finding about gates is' : `${problems} findings about gates are`} likely to be harmful: see unroll inspect.` : '');
    this.curveBox.hidden = !this.source.lines;
    this.shaded.hidden = !!this.source.lines;
    if (this.source.lines) {
      this.curve.show({ x: labels, xName: this.unit, fromZero: true, yName: 'share (%)', lines: [line(`how much each ${this.unit} counted`, values.map(value => 100 * value / sum))] }, this.said.textContent);
      return;
    }
    const focused = this.shaded.contains(document.activeElement);
    this.shaded.replaceChildren(...labels.map((label, k) => {
      const step = button(visible(label), () => this.show(rows === labels.length ? k : null), {
        'aria-pressed': String(k === row && rows === labels.length), title: `${place(k)}: ${(100 * values[k] / sum).toFixed(1)} %` });
      step.style.setProperty('--a', `${(70 * values[k] / top).toFixed(1)}%`);
      return step;
    }));
    if (focused) this.shaded.children[row]?.focus();
  }

  change(root) {
    this.which = make('select');
    this.other = make('input', { type: 'text', size: 12, autocomplete: 'off' });
    this.outcome = make('div');
    root.append(make('h3', {}, 'What a change would do'),
      make('form', { class: 'bar', onsubmit: event => { event.preventDefault(); this.compare(); }, onfocusin: () => this.fill() },
        field('Instead of', this.which), field('read', this.other), make('button', { type: 'submit' }, 'Compare')), this.outcome);
    this.fill();
  }

  // The steps that there are now.
  fill() {
    if (!this.which) return;
    const tokens = this.source.tokens();
    if (this.which.childElementCount === tokens.length && tokens.every((token, k) => this.which.children[k].dataset.token === token)) return;
    const before = this.which.value;
    this.which.replaceChildren(...tokens.map((token, k) => make('option', { value: k, 'data-token': token }, `${k + 1}: ${visible(token)}`)));
    if (before !== '' && before < tokens.length) this.which.value = before;
  }

  async compare() {
    problem();
    this.fill();
    const tokens = this.source.tokens(), at = Number(this.which.value), other = this.other.value;
    if (tokens.length === 0 || this.which.value === '') { this.outcome.replaceChildren(make('p', {}, 'There is no input yet: give the model some above.')); return; }
    if (other === '') { this.outcome.replaceChildren(make('p', {}, 'Type what should be read instead.')); this.other.focus(); return; }
    const changed = tokens.with(at, other);
    let scratch = null;
    try {
      scratch = await Session.create(this.model, this.source.options?.() ?? {});
      const [one, two] = [await scratch.look(this.source.steps(tokens)), await scratch.look(this.source.steps(changed))];
      this.differences(tokens, changed, at, one, two);
    } catch (error) { problem(error.message); } finally { scratch?.remove().catch(() => {}); }
  }

  differences(tokens, changed, at, one, two) {
    const length = Math.min(one.answers.length, two.answers.length), rows = [];
    let others = 0;
    for (let k = at; k < length; k++) {
      const [a, b] = [one, two].map(look => this.source.told(look.answers[k])), differs = a !== b;
      others += differs;
      if (rows.length < 60) rows.push({ cells: [`${k + 1}: ${visible(changed[k])}`, a, b], changed: differs });
    }
    const figure = [];
    if (one.layers.length > 0 && one.rounds.length === two.rounds.length) {
      const [a, b] = [one, two].map(look => look.layers.at(-1)), h = a.gates.length - 1, steps = one.rounds.length;
      const values = a.gates[h].values.map((step, t) => step.map((value, unit) => b.gates[h].values[t][unit] - value));
      const largest = Math.max(1e-6, ...values.flat().map(Math.abs)), box = make('div', { class: 'map' });
      figure.push(make('figure', {}, make('h3', {}, `Change of ${a.gates[h].gate} of ${a.layer}`), box));
      queueMicrotask(() => mapIn(box).show({
        rows: values[0].map((_, unit) => `unit ${unit}`), columns: one.rounds.map(step => visible(changed[step] ?? '')), min: -largest, max: largest,
        diverging: true, at: (unit, step) => values[step]?.[unit] ?? NaN,
      }, `How much each unit changes at ${steps} steps; at most by ${largest.toPrecision(2)}`));
    }
    this.outcome.replaceChildren(
      make('p', { role: 'status' }, others === 0 ? `No answer changes at any of ${length - at} ${this.unit}s; the numbers behind them may.`
        : `${others} of ${length - at} answers from ${this.unit} ${at + 1} on are others.`),
      make('div', { class: 'two' }, make('div', { class: 'words' }, table([this.unit[0].toUpperCase() + this.unit.slice(1), 'As it was', 'With the change'], rows)), ...figure));
  }
}
