// A tagger or classifier: words are typed, and their labels and probabilities are there as they are typed.
import { ask, path } from './api.js';
import { button, field, make, odds, percent, problem, table, track, visible } from './dom.js';

const dna = 'GCCTTCTCCAAAACGTGTTTTTTGTTGTTAATTCGGTGTAGACTTGTAAACCTAAAT';
const units = {
  word: { name: 'word', example: 'please send five lamps' }, char: { name: 'character', example: 'it was a very lovely film' },
  base: { name: 'nucleotide', example: dna }, kmer: { name: 'k-mer', example: dna }, number: { name: 'row' },
};

export class LabelPanel {
  constructor(root, bench) {
    this.bench = bench;
    this.unit = units[bench.about.unit].name;
    this.text = make('textarea', { rows: 3, spellcheck: 'false', value: this.exampleText(), oninput: () => this.soon() });
    this.rows = make('div', { class: 'words' });
    this.now = make('dl');
    this.nowTitle = make('h3');
    const buttons = bench.hasSessions ? [make('button', { type: 'submit', class: 'main' }, `Commit these ${this.unit}s`)] : [make('button', { type: 'submit', class: 'main' }, 'Label')];
    root.replaceChildren(
      make('form', { onsubmit: event => { event.preventDefault(); this.take(); } },
        field(this.unit === 'row' ? `Rows of ${bench.about.features} numbers, one a line; they are labeled as you type` : `Text; its ${this.unit}s are labeled as you type`, this.text),
        make('div', { class: 'bar' }, buttons, button('Clear', () => { this.text.value = ''; this.soon(); this.text.focus(); }))),
      make('div', { class: 'two' }, make('div', {}, make('h3', {}, bench.hasSessions || bench.model.task === 'tag' ? `Each ${this.unit}` : 'The text'), this.rows), make('div', {}, this.nowTitle, this.now)));
    this.said = this.rows;
  }

  exampleText() {
    const { unit, features } = this.bench.about;
    if (unit === 'word' && this.bench.model.task === 'classify') return 'my film was very lovely; the queue was long';
    return units[unit].example ?? Array.from({ length: 4 }, (_, t) => Array.from({ length: features }, (_, k) => Math.sin(t + k).toFixed(1)).join(' ')).join('\n');
  }

  get alive() { return true; }                               // what is typed is looked at in a session

  options() { return {}; }

  async began() { await this.preview(); }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.preview(), 180);
  }

  // The steps that the text is made of.
  tokens() {
    const text = this.text.value.trim();
    if (text === '') return [];
    if (this.unit === 'row') return text.split('\n').map(row => row.trim()).filter(Boolean);
    if (this.unit === 'word') return text.split(/\s+/);
    const k = this.bench.about.kmer;
    const letters = [...text.replace(this.unit === 'character' ? /\n/g : /\s/g, '')];
    return k ? letters.slice(0, letters.length - k + 1).map((_, at) => letters.slice(at, at + k).join('')) : letters;
  }

  steps(tokens) {
    return this.unit === 'row' ? tokens.map(row => row.split(/[\s,;]+/).filter(Boolean).map(Number)) : tokens;
  }

  // What the session would say of the text, or what the model says of all of it at once.
  async preview() {
    const tokens = this.tokens().slice(0, 250);
    if (tokens.length === 0) { this.draw([], []); return; }
    if (!this.bench.hasSessions) { await this.predict(); return; }
    await this.bench.work(async session => {
      const look = await session.look(this.steps(tokens));
      this.draw(tokens, look.answers);
      this.bench.glass.replace(look.rounds.map(step => visible(tokens[step])), look.layers);
    }, { quiet: true });
  }

  async take() {
    if (!this.bench.hasSessions) { await this.predict(); return; }
    const tokens = this.tokens();
    if (tokens.length === 0) { problem('Type some text first.'); this.text.focus(); return; }
    await this.bench.work(async session => { this.draw(tokens, await session.take(this.steps(tokens))); });
  }

  async predict() {
    problem();
    try {
      const body = this.body();
      if (body === null) return;
      const { predictions } = await ask(path('models', this.bench.model.model, 'predict'), { method: 'POST', body });
      const { labels, probabilities } = predictions[0], told = await ask(`${path('models', this.bench.model.model, 'inspect')}?data=typed.txt`, { method: 'POST', body });
      this.draw(labels.length === told.labels.length ? told.labels : [this.text.value], labels.map((label, k) => ({ label, probabilities: { [label]: probabilities[k] } })));
      this.bench.glass.replace(told.labels.map(visible), told.layers);
    } catch (error) { problem(error.message); }
  }

  draw(tokens, answers) {
    const rows = answers.map((answer, k) => {
      const p = answer.probabilities[answer.label];
      return { cells: [visible(tokens[k] ?? ''), make('b', {}, answer.label), track(p), percent(p)], changed: false };
    });
    this.rows.replaceChildren(rows.length === 0 ? make('p', { class: 'note' }, 'Type some text above.') : table([this.unit[0].toUpperCase() + this.unit.slice(1), 'Label', '', 'Probability'], rows));
    const last = answers.at(-1);
    this.nowTitle.textContent = !last ? '' : answers.length === 1 && tokens.length === 1 ? last.label : `After ${visible(tokens.at(-1) ?? '')}: ${last.label}`;
    odds(this.now, last ? Object.entries(last.probabilities).sort((a, b) => b[1] - a[1]).slice(0, 12) : []);
  }

  body() {
    const tokens = this.tokens();
    if (tokens.length === 0) return null;
    return this.unit === 'row' ? null : this.unit === 'word' ? `${tokens.join(' ')}\n` : `${this.text.value.trim().replace(/\n/g, ' ')}\n`;
  }

  get source() {
    return {
      body: () => this.body(),
      unit: this.unit,
      data: 'typed.txt',
      tokens: this.bench.hasSessions ? () => this.tokens() : null,
      steps: tokens => this.steps(tokens),
      told: answer => `${answer.label} (${percent(answer.probabilities[answer.label])})`,
    };
  }
}
