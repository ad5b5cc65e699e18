// Any other model: data as a file has them, and the answer as the server gives it.
import { ask, path } from './api.js';
import { field, make, problem } from './dom.js';

export class PredictPanel {
  constructor(root, bench) {
    this.bench = bench;
    const translates = bench.model.task === 'translate';
    this.text = make('textarea', { rows: 4, spellcheck: 'false' });
    this.answer = make('pre', { role: 'status', 'aria-label': 'Answer', tabindex: 0 });
    this.file = make('input', { type: 'file', onchange: () => this.run() });
    root.replaceChildren(
      make('form', { onsubmit: event => { event.preventDefault(); this.run(); } },
        field(translates ? 'A sentence a line' : 'Data, as a file for unroll predict has them', this.text),
        make('div', { class: 'bar' }, make('button', { type: 'submit', class: 'main' }, translates ? 'Translate' : 'Predict'), translates ? null : field('or a file', this.file))),
      make('h3', {}, 'Answer'), this.answer);
  }

  options() { return {}; }

  async began() { /* nothing of a session is shown */ }

  async run() {
    problem();
    const file = this.file.files?.[0];
    if (!file && this.text.value.trim() === '') { problem('Type some data first, or choose a file.'); this.text.focus(); return; }
    try {
      const told = await ask(path('models', this.bench.model.model, 'predict'), { method: 'POST', body: file ? await file.arrayBuffer() : `${this.text.value.trim()}\n` });
      this.answer.textContent = JSON.stringify(told, null, 2);
      if (told.translations) this.answer.textContent = told.translations.map(one => one.translation ?? one.text ?? JSON.stringify(one)).join('\n');
    } catch (error) { problem(error.message); }
  }

  get source() {
    return { body: () => this.text.value.trim() === '' ? null : `${this.text.value.trim()}\n` };
  }
}
