// A recognizer: a file or the microphone goes to the session in pieces, and words come as they are heard.
import { ask, path } from './api.js';
import { button, field, make, percent, problem, say, table } from './dom.js';
import { line, linesIn } from './draw.js';
import { decode, listen, wav } from './sound.js';

const piece = 800, mostSeconds = 60, places = 240;

export class SpeechPanel {
  constructor(root, bench) {
    this.bench = bench;
    this.rate = bench.about.rate;
    this.file = make('input', { type: 'file', accept: '.wav,audio/*', onchange: () => this.opened() });
    this.mic = button('Use the microphone', () => this.microphone(), { class: 'main', 'aria-pressed': 'false' });
    this.words = make('p', { class: 'words-said', role: 'log', 'aria-label': 'Words heard' });
    this.box = make('div', { class: 'sound' });
    this.wave = linesIn(this.box, made => ({ ...made, legend: { show: false }, dataZoom: [], grid: { ...made.grid, top: 20, bottom: 10 } }));
    this.list = make('div', { class: 'tall' });
    root.replaceChildren(
      make('p', {}, `The model knows ${bench.about.words.length} words: ${bench.about.words.slice(0, 24).join(', ')}${bench.about.words.length > 24 ? ' …' : ''}.`),
      make('div', { class: 'bar' }, field('A WAV file', this.file), bench.hasSessions ? this.mic : null,
        button('Try three tones', () => this.hear(this.tones()))),
      make('h3', {}, 'Heard'), this.words, this.box, make('h3', {}, 'When each word was heard'), this.list);
    this.clear();
  }

  options() { return {}; }

  async began() { this.clear(); }

  clear() {
    [this.samples, this.heard] = [[], []];
    this.draw();
  }

  tones() {
    const { rate } = this;
    return Float32Array.from({ length: Math.round(0.75 * rate) }, (_, i) => {
      const part = Math.floor(3 * i / (0.75 * rate)), within = (i % (rate / 4)) / (rate / 4);
      return within > 0.7 ? 0 : 0.3 * Math.sin(2 * Math.PI * [1500, 400, 800][part] * i / rate);
    });
  }

  async opened() {
    problem();
    if (!this.file.files[0]) return;
    try {
      await this.hear(await decode(await this.file.files[0].arrayBuffer(), this.rate));
    } catch (error) { problem(error.message); }
  }

  // One sound after the other.
  async hear(samples) {
    if (this.quiet) await this.silence();
    this.turn = (this.turn ?? Promise.resolve()).then(() => this.hearNow(samples));
    return this.turn;
  }

  // A whole sound, in pieces, through a session of its own; then the alignment of the whole.
  async hearNow(samples) {
    if (samples.length > mostSeconds * this.rate) { problem(`The sound lasts ${(samples.length / this.rate).toFixed(0)} seconds; expected at most ${mostSeconds}. Choose a shorter one.`); return; }
    this.clear();
    this.last = wav(samples, this.rate);
    if (this.bench.hasSessions) {
      await this.bench.begin({}, { instead: true });
      await this.bench.work(async (session, watch) => {
        for (let at = 0; at < samples.length; at += piece) await this.push(session, Array.from(samples.subarray(at, at + piece)), watch);
        await this.end(session, watch);
      });
    } else this.samples = Array.from(samples);
    await this.recognize();
  }

  async push(session, samples, watch) {
    await this.step(session, samples.map(value => Number(value.toFixed(6))), watch);
    this.samples.push(...samples);
    this.draw();
  }

  async end(session, watch) {
    await this.step(session, 'end', watch);
    this.draw();
  }

  async step(session, step, watch) {
    const look = watch ? await session.look([step]) : null, [answer] = await session.take([step]);
    this.heard.push(...answer.words);
    if (answer.words.length > 0) say(`Heard: ${answer.words.map(one => one.word).join(' ')}`);
    if (look && look.layers.length > 0) {
      const from = this.samples.length / this.rate, long = step === 'end' ? 0 : step.length / this.rate;
      this.bench.glass.add(look.rounds.map((_, k) => `${(from + k * long / look.rounds.length).toFixed(2)} s`), look.layers);
    }
  }

  async microphone() {
    problem();
    if (this.quiet) { await this.silence(); return; }
    try {
      this.clear();
      await this.bench.begin({}, { instead: true });
      let before = this.turn ?? Promise.resolve(), listening = true;
      const stop = await listen(this.rate, samples => {
        if (!listening) return;
        before = before.then(() => this.bench.work((session, watch) => this.push(session, Array.from(samples), watch)));
        if (this.samples.length > mostSeconds * this.rate) this.silence();
      });
      this.quiet = async () => {
        listening = false;
        await stop();
        await before;
        await this.bench.work((session, watch) => this.end(session, watch));
        this.last = wav(Float32Array.from(this.samples), this.rate);
        await this.recognize();
      };
      this.mic.textContent = 'Stop listening';
      this.mic.setAttribute('aria-pressed', 'true');
      say('Listening.');
    } catch (error) { problem(error.message); }
  }

  async silence() {
    const { quiet } = this;
    this.quiet = null;
    this.mic.textContent = 'Use the microphone';
    this.mic.setAttribute('aria-pressed', 'false');
    await quiet();
  }

  // From when to when each word was heard, of the whole sound.
  async recognize() {
    try {
      const { recordings: [told] } = await ask(path('models', this.bench.model.model, 'predict'), { method: 'POST', body: await this.last.arrayBuffer() });
      this.aligned = told.words;
      if (!this.bench.hasSessions) this.heard = told.words.length > 0 ? told.words : [{ word: told.text, from: 0, to: told.seconds }];
      this.draw();
      this.list.replaceChildren(make('p', {}, `The whole sound: ${told.text || '(nothing)'} (${percent(told.probability)}, ${told.seconds.toFixed(2)} s).`),
        told.words.length > 0 ? table(['Word', 'From', 'To'], told.words.map(one => [one.word, `${one.from.toFixed(2)} s`, `${one.to.toFixed(2)} s`])) : '');
    } catch (error) { problem(error.message); }
  }

  draw() {
    this.words.textContent = this.heard.map(one => one.word).join(' ');
    const { samples, rate } = this, count = Math.min(places, samples.length), size = samples.length / Math.max(1, count);
    const loud = Array.from({ length: count }, (_, k) => {
      let most = 0;
      for (let i = Math.floor(k * size); i < (k + 1) * size && i < samples.length; i++) most = Math.max(most, Math.abs(samples[i]));
      return most;
    });
    const seconds = loud.map((_, k) => `${(k * size / rate).toFixed(2)} s`), place = time => Math.max(0, Math.min(count - 1, Math.round(time * rate / size)));
    const said = samples.length === 0 ? 'No sound yet.' : `A sound of ${(samples.length / rate).toFixed(2)} seconds; heard: ${this.words.textContent || 'nothing'}.`;
    this.wave.show({ x: seconds, fromZero: true, lines: [line('loudness', loud)],
      marks: (this.aligned ?? this.heard).filter(() => count > 0).map(one => ({ index: place(one.from), label: one.word })) }, said);
    if (samples.length === 0) { this.aligned = null; this.list.replaceChildren(make('p', { class: 'note' }, said)); }
  }

  get source() {
    return null;
  }
}
