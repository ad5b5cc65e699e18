// Training runs: their curves as they grow.
import { ask, path } from './api.js';
import { byId, field, make } from './dom.js';
import { line, linesIn } from './draw.js';

const left = ['epoch', 'steps', 'loss', 'score', 'validation_loss', 'best', 'clipped_steps', 'faults'];

export class RunList {
  constructor() {
    this.select = make('select', { onchange: () => this.choose(this.select.value) });
    this.figure = make('select', { onchange: () => this.draw() });
    this.told = make('p', { role: 'status' });
    this.none = make('p', { class: 'note' }, 'There is no run in the folder yet. Train one: its curves appear here as they grow.');
    this.lossBox = make('div', { class: 'curves' });
    this.otherBox = make('div', { class: 'curves' });
    [this.loss, this.other] = [linesIn(this.lossBox), linesIn(this.otherBox)];
    this.all = make('div', {}, make('div', { class: 'bar' }, field('Run', this.select), field('Second chart', this.figure)), this.told,
      make('div', { class: 'two' }, make('figure', {}, make('h3', {}, 'Loss'), this.lossBox), make('figure', {}, this.otherTitle = make('h3'), this.otherBox)));
    byId('run-list').replaceChildren(this.none, this.all);
    this.epochs = [];
  }

  async refresh() {
    const { shown, runs } = await ask('v1/runs');
    byId('runs').hidden = !shown;
    if (!shown) return shown;
    [this.none.hidden, this.all.hidden] = [runs.length > 0, runs.length === 0];
    if (runs.length === 0) return shown;
    const key = JSON.stringify(runs.map(run => [run.run, run.ended]));
    if (key !== this.key) {
      this.key = key;
      this.select.replaceChildren(...runs.map(run => make('option', { value: run.run }, `${run.run}${run.ended ? '' : ' (going on)'}`)));
    }
    const latest = runs.toSorted((a, b) => (a.seconds_ago ?? 1e12) - (b.seconds_ago ?? 1e12))[0].run;
    const name = runs.some(run => run.run === this.name) ? this.name : latest;
    if (name !== this.name) [this.name, this.epochs] = [name, []];
    this.select.value = name;
    await this.grow();
    return shown;
  }

  async choose(name) {
    [this.name, this.epochs] = [name, []];
    await this.grow().catch(() => {});
  }

  // The epochs that are new; a run that was begun anew is read anew.
  async grow() {
    const name = this.name, told = await ask(`${path('runs', name)}?from=${this.epochs.length}`);
    if (name !== this.name) return;
    if (told.total < this.epochs.length) {
      this.epochs = [];
      return this.grow();
    }
    this.epochs.push(...told.epochs);
    this.state = told;
    if (told.epochs.length > 0 || this.drawnName !== name) this.draw();
    this.tell();
  }

  tell() {
    const { state, epochs } = this, last = epochs.at(-1), of = state.asked ? ` of at most ${state.asked}` : '';
    const when = state.ended ? 'It has ended.' : state.seconds_ago === undefined ? 'No epoch has ended yet.' : `The last epoch ended ${this.ago(state.seconds_ago)} ago.`;
    const figures = last ? ` Loss ${last.loss?.toPrecision(4) ?? '–'}${last.score === undefined ? '' : `, score ${last.score.toPrecision(4)}`}.` : '';
    const text = `${this.name}${state.task ? ` (${state.task})` : ''}: ${epochs.length} epochs${of}.${figures} ${when}`;
    if (this.told.textContent !== text) this.told.textContent = text;
  }

  ago(seconds) {
    return seconds < 90 ? `${seconds} seconds` : seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`;
  }

  draw() {
    this.drawnName = this.name;
    const { epochs } = this, x = epochs.map((one, at) => String(one.epoch ?? at + 1)), of = name => epochs.map(one => one[name] ?? null);
    const names = [...new Set(epochs.flatMap(Object.keys))], validation = names.includes('validation_loss') ? 'validation_loss' : 'score';
    const lines = [line('training loss', of('loss'))];
    if (names.includes(validation)) lines.push(line(validation === 'score' ? 'validation score' : 'validation loss', of(validation)));
    this.loss.show({ x, xName: 'epoch', lines }, `Loss of ${epochs.length} epochs`);
    const others = names.filter(name => !left.includes(name)), before = this.figure.value;
    this.figure.replaceChildren(...others.map(name => make('option', { value: name }, name.replaceAll('_', ' '))));
    this.figure.value = others.includes(before) ? before : others.includes('gradient_norm') ? 'gradient_norm' : others[0] ?? '';
    this.otherTitle.textContent = this.figure.value.replaceAll('_', ' ');
    if (this.figure.value) this.other.show({ x, xName: 'epoch', lines: [line(this.otherTitle.textContent, of(this.figure.value))] }, `${this.otherTitle.textContent} of ${epochs.length} epochs`);
  }
}
