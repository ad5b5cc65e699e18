// A language model: text is typed and read, and written on symbol by symbol as the model draws it.
import { button, field, make, number, odds, percent, problem, visible } from './dom.js';

const chunk = 12;                                            // symbols that are looked into at once

export class LanguagePanel {
  constructor(root, bench) {
    this.bench = bench;
    this.tokens = [];
    this.text = make('textarea', { rows: 2, spellcheck: 'false', value: 'The ' });
    this.many = number('Symbols to write', 60, { min: 1, max: 1000, step: 1 });
    this.write = button('Continue writing', () => this.run(), { class: 'main' });
    this.stop = button('Stop', () => this.halt?.abort(), { disabled: true });
    this.transcript = make('p', { class: 'transcript', role: 'log', tabindex: 0, 'aria-label': 'The text so far: read in ink, written by the model in color' });
    this.next = make('dl');
    this.surprise = make('p', { class: 'note' }, 'Feed some text, or let the model write: a session begins then.');
    this.tail = make('span', { class: 'tail', 'aria-hidden': 'true' });
    this.written = '';
    this.settings();
    root.replaceChildren(
      make('div', { class: 'two' },
        make('div', {},
          make('form', { onsubmit: event => { event.preventDefault(); this.read(); } }, field('Text to feed', this.text),
            make('div', { class: 'bar' }, make('button', { type: 'submit' }, 'Feed text'), this.many.label, this.write, this.stop)),
          this.sampling),
        make('div', {}, make('h3', {}, 'What may come next'), this.next, this.surprise)),
      make('h3', {}, 'The text so far'), this.transcript);
  }

  settings() {
    this.temperature = number('Temperature', 0.8, { min: 0, max: 100, step: 0.1 });
    this.topK = number('Only the best K', '', { min: 1, step: 1, placeholder: 'all' });
    this.topP = number('Only a share P', '', { min: 0.01, max: 1, step: 0.01, placeholder: 'all' });
    this.seed = number('Seed', 1, { min: 0, step: 1 });
    this.sampling = make('details', {}, make('summary', {}, 'How symbols are drawn'),
      make('div', { class: 'bar' }, this.temperature.label, this.topK.label, this.topP.label, this.seed.label,
        button('New session with these', () => this.bench.begin(this.options()))));
  }

  options() {
    const sampling = { temperature: this.temperature.value ?? 1, seed: this.seed.value ?? 1 };
    if (this.topK.value) sampling.top_k = this.topK.value;
    if (this.topP.value) sampling.top_p = this.topP.value;
    return { sampling };
  }

  // A session was begun, or another one taken up.
  async began(session) {
    const own = session.options.sampling;
    if (own) for (const [field, value] of [[this.temperature, own.temperature], [this.topK, own.top_k], [this.topP, own.top_p], [this.seed, own.seed]]) field.input.value = value ?? '';
    [this.tokens, this.written] = [[], ''];
    this.transcript.replaceChildren();
    this.next.replaceChildren();
    this.surprise.textContent = session.position === 0 ? '' : `The session has taken ${session.position} steps before.`;
  }

  async read() {
    const text = this.text.value;
    if (text === '') { problem('Type some text to read first.'); this.text.focus(); return; }
    await this.bench.work(async (session, watch) => {
      const steps = [text], look = watch ? await session.look(steps) : null;
      const [answer] = await session.take(steps);
      this.show(answer, false);
      if (look) {
        const symbols = this.split(answer.text, look.rounds.length);
        this.tokens.push(...symbols);
        this.bench.glass.add(symbols.map(visible), look.layers);
      } else this.tokens.push(...this.split(answer.text, null));
      const count = Math.max(1, this.split(answer.text, null).length), unit = this.bench.about.unit === 'char' ? 'character' : 'word';
      this.surprise.textContent = `Surprise of the text read: ${answer.nats.toFixed(2)} nats (${(answer.nats / count).toFixed(2)} per ${unit}).`;
    });
    await this.bench.explain();
  }

  async run() {
    this.halt = new AbortController();
    const { signal } = this.halt, many = Math.max(1, Math.min(1000, this.many.value ?? 60));
    [this.write.disabled, this.stop.disabled] = [true, false];
    await this.bench.work(async (session, watch) => {
      for (let left = many; left > 0 && !signal.aborted; left -= chunk) {
        const steps = Array.from({ length: Math.min(chunk, left) }, () => ({ draw: 1 }));
        const look = watch ? await session.look(steps, {}, signal) : null;
        let k = 0;
        await session.stream(steps, answer => {
          this.show(answer, true);
          this.tokens.push(answer.text);
          if (look) this.bench.glass.add([visible(answer.text.trim() || answer.text)], look.layers.map(layer => ({
            ...layer, gates: layer.gates.map(gate => ({ ...gate, values: [gate.values[k]] })) })));
          k++;
        }, signal);
        this.bench.tell();
      }
    });
    [this.write.disabled, this.stop.disabled] = [false, true];
    await this.bench.explain();
  }

  show(answer, drawn) {
    const text = this.spaced(answer.text);
    this.written += text;
    this.tail.textContent = [...this.written.match(/\s*$/)[0]].map(visible).join('');          // blanks at the end can be seen
    this.transcript.append(make('span', { class: drawn ? 'drawn' : null }, text), this.tail);
    this.transcript.scrollTop = this.transcript.scrollHeight;
    this.likeliest = answer.next[0]?.symbol;
    odds(this.next, answer.next.map(({ symbol, p }) => [visible(symbol), p]));
  }

  // Words are told without the blanks between them, characters and parts of words as they are.
  spaced(text) {
    return this.bench.about.unit === 'word' && this.written !== '' && !/\s$/.test(this.written) && !/^\s/.test(text) ? ` ${text}` : text;
  }

  split(text, count) {
    const parts = this.bench.about.unit === 'char' ? [...text] : text.split(/\s+/).filter(Boolean);
    return count === null || parts.length === count ? parts : Array.from({ length: count }, (_, k) => parts[k] ?? '·');
  }

  get source() {
    const char = this.bench.about.unit === 'char', most = char ? 80 : 40, last = () => this.tokens.slice(-most);
    // The last symbol of data is only a target: one more stands behind those that are explained.
    const closed = tokens => [...tokens, tokens.find(token => token.trim() !== '') ?? '.'];
    return {
      unit: char ? 'symbol' : 'word',
      leads: true,
      next: () => this.likeliest,
      before: () => Math.max(0, this.tokens.length - most),
      body: () => this.tokens.length === 0 ? null : closed(last()).join(char ? '' : ' '),
      tokens: last,
      steps: tokens => tokens,
      told: answer => `${visible(answer.next[0].symbol)} (${percent(answer.next[0].p)})`,
    };
  }
}
