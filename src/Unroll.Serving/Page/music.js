// A composer: a piece grows step by step and sounds while it grows.
import { ask, path } from './api.js';
import { button, make, number, odds, problem, say } from './dom.js';
import { drawRoll, nameOf, pitchOf } from './pianoroll.js';

const chunk = 8;                                             // steps that are looked into at once

export class MusicPanel {
  constructor(root, bench) {
    this.bench = bench;
    const { kind, draws } = bench.about;
    this.isTune = kind === 'tune';
    this.drawsItself = !!draws;
    this.many = number('Steps to compose', this.isTune ? 120 : 32, { min: 1, max: 1000, step: 1 });
    this.temperature = number('Temperature', 0.8, { min: 0, max: 100, step: 0.1 });
    this.seed = number('Seed', 1, { min: 0, step: 1 });
    this.tempo = number('Tempo', 100, { min: 20, max: 400, step: 5 });
    this.compose = button('Compose', () => this.run(false), { class: 'main' });
    this.both = button('Compose and play', () => this.run(true));
    this.player = button('▶ Play', () => this.play());
    this.stop = button('Stop', () => this.halt?.abort(), { disabled: true });
    this.box = make('div', { class: 'rollbox', tabindex: 0, role: 'group', 'aria-label': 'Piano roll' });
    this.told = make('p', { class: 'note', role: 'status' });
    this.next = make('dl');
    this.symbols = make('p', { class: 'transcript', tabindex: 0, 'aria-label': 'The tune in ABC' });
    root.replaceChildren(
      make('div', { class: 'bar' }, this.many.label, this.temperature.label, this.drawsItself ? this.seed.label : null, this.tempo.label),
      make('div', { class: 'bar' }, this.compose, this.both, this.player, this.stop, this.drawsItself ? button('New session with these', () => bench.begin(this.options())) : null),
      this.box, this.told, ...(this.isTune ? [make('h3', {}, 'As symbols'), this.symbols] : []), make('h3', {}, 'What may come next'), this.next);
    this.clear();
  }

  options() {
    return this.drawsItself ? { sampling: { temperature: this.temperature.value ?? 1, seed: this.seed.value ?? 1 } } : {};
  }

  clear() {
    [this.steps, this.notes, this.open] = [[], [], new Map()];
    this.symbols.replaceChildren();
    this.draw();
  }

  async began(session) {
    this.playing?.stop();
    this.clear();
    const own = session.options.sampling;
    if (own) [this.temperature.input.value, this.seed.input.value] = [own.temperature, own.seed];
    this.offset = session.position;
  }

  async run(aloud) {
    const many = Math.max(1, Math.min(1000, this.many.value ?? 32));
    this.halt = new AbortController();
    const { signal } = this.halt;
    if (aloud) this.begin(this.length());
    for (const one of [this.compose, this.both]) one.disabled = true;
    this.stop.disabled = false;
    await this.bench.work(async (session, watch) => {
      for (let left = many; left > 0 && !signal.aborted && !this.ended;) {
        const count = this.drawsItself ? Math.min(chunk, left) : 1;
        await (this.drawsItself ? this.drawn(session, count, watch, signal) : this.chosen(session, watch, signal));
        left -= count;
      }
    });
    this.ended = false;
    this.close();
    await this.heard();
    if (this.drawsItself && this.bench.glass.empty) await this.bench.lookInto(this.source);
    if (this.source) await this.bench.explain();
    if (this.playing && aloud) this.playing.finish();
    for (const one of [this.compose, this.both]) one.disabled = false;
    this.stop.disabled = true;
  }

  // The model draws: each step comes as an event.
  async drawn(session, count, watch, signal) {
    const steps = Array.from({ length: count }, () => ({ draw: 1 })), look = watch ? await session.look(steps, {}, signal) : null;
    await session.stream(steps, answer => {
      for (const pitches of answer.drawn) this.add(pitches);
      this.likely(answer);
    }, signal);
    if (look && look.layers.length > 0) this.bench.glass.add(look.rounds.map(String), look.layers);
    this.bench.tell();
  }

  // The page draws, from the probabilities of the answer before.
  async chosen(session, watch, signal) {
    let step = this.isTune ? null : [];
    if (this.answer) step = this.isTune ? this.symbol(this.answer) : this.keys(this.answer);
    else if (this.isTune) step = this.bench.about.end;       // it stands before a tune as well
    if (this.isTune && this.answer && step === this.bench.about.end) { this.ended = true; say('The tune has come to its end.'); return; }
    const look = watch ? await session.look([step], {}, signal) : null;
    [this.answer] = await session.take([step], signal);
    this.likely(this.answer);
    if (look) this.bench.glass.add([this.isTune ? step : String(this.steps.length + 1)], look.layers);
    if (!this.isTune) this.add(step);
    else if (step !== this.bench.about.end) {
      this.steps.push(step);
      this.symbols.append(make('span', {}, `${step} `));
      if (this.steps.length % 12 === 0) await this.heard();
    }
  }

  symbol({ next, probabilities }) {
    const heat = this.temperature.value ?? 1, unknown = this.bench.about.unknown;
    if (heat === 0) return next.find(name => name !== unknown);
    const weights = probabilities.map((p, k) => next[k] === unknown ? 0 : p ** (1 / heat));
    let left = Math.random() * weights.reduce((a, b) => a + b, 0);
    return next[Math.max(0, weights.findIndex(weight => (left -= weight) < 0))];
  }

  keys({ next, probabilities }) {
    const heat = this.temperature.value ?? 1;
    return next.filter((_, k) => {
      const p = Math.min(1 - 1e-9, Math.max(1e-9, probabilities[k]));
      return heat === 0 ? p > 0.5 : Math.random() < 1 / (1 + ((1 - p) / p) ** (1 / heat));
    }).map(pitchOf).filter(pitch => pitch !== null).sort((a, b) => a - b);
  }

  likely({ next, probabilities }) {
    odds(this.next, next.slice(0, 6).map((name, k) => [name, probabilities[k]]));
  }

  // A step of a roll: a pitch that goes on is one note.
  add(pitches) {
    const long = 1 / (this.bench.about.steps_per_quarter ?? 1), at = this.steps.length * long, sounding = new Map();
    pitches.forEach((pitch, voice) => {
      if (pitch < 0 || sounding.has(pitch)) return;
      const held = this.open.get(pitch);
      if (held) held[2] += long;
      sounding.set(pitch, held ?? [pitch, at, long, 80, voice]);
    });
    this.steps.push(pitches);
    const over = [...this.open].filter(([pitch]) => !sounding.has(pitch)).map(([, note]) => note);
    for (const [pitch, note] of sounding) if (!this.open.has(pitch)) this.notes.push(note);
    this.open = sounding;
    this.sound(over);
    this.draw();
  }

  close() {
    this.sound([...this.open.values()]);
    this.open = new Map();
  }

  sound(notes) {
    if (!this.playing?.grows || notes.length === 0) return;
    this.playing.add(notes.map(([pitch, begin, ...rest]) => [pitch, begin - this.playing.from, ...rest]).sort((a, b) => a[1] - b[1]));
  }

  // What the symbols of a tune sound like.
  async heard() {
    if (!this.isTune || this.steps.length === 0) return;
    try {
      const told = await ask(path('models', this.bench.model.model, 'notes'), { method: 'POST', json: { symbols: this.steps } });
      const from = this.sent ?? 0;
      this.notes = told.notes.map(note => [...note, 0]);
      if (this.playing?.grows) {
        this.sound(this.notes.slice(from));
        this.sent = this.notes.length;
      }
      this.draw();
    } catch (error) { if (!this.stop.disabled && error.status === 400) return; problem(error.message); }    // the tune stops in the middle of something
  }

  length() {
    return Math.max(0, ...this.notes.map(note => note[1] + note[2]));
  }

  draw() {
    this.view = drawRoll(this.notes);
    const stays = this.box.scrollLeft + this.box.clientWidth >= this.box.scrollWidth - 40;
    this.box.replaceChildren(this.view.roll);
    if (stays) this.box.scrollLeft = this.box.scrollWidth;
    const last = this.steps.at(-1);
    this.told.textContent = this.steps.length === 0 ? 'Nothing is composed yet.' : `${this.steps.length} ${this.isTune ? 'symbols' : 'steps'}, ${this.notes.length} notes`
      + (this.isTune ? '.' : `; the last step: ${last.filter(pitch => pitch >= 0).map(nameOf).join(' ') || 'rest'}.`);
  }

  begin(from) {
    this.playing?.stop();
    const player = unrollPlayer.play(this.tempo.value || 100, now => {
      const x = this.view.moved(from + now);
      if (x > this.box.scrollLeft + this.box.clientWidth - 40 || x < this.box.scrollLeft) this.box.scrollLeft = x - 60;
    }, () => {
      this.view.moved(null);
      this.playing = null;
      this.player.textContent = '▶ Play';
    });
    this.playing = { ...player, from, grows: true };
    this.sent = this.notes.length;
    this.player.textContent = '■ Stop playing';
    return player;
  }

  play() {
    if (this.playing) { this.playing.stop(); return; }
    if (this.notes.length === 0) { say('Nothing is composed yet: press Compose first.'); return; }
    const player = this.begin(0);
    this.playing.grows = false;
    player.add(this.notes.map(note => note.slice(0, 4)).sort((a, b) => a[1] - b[1]));
    player.finish();
  }

  get source() {
    if (this.isTune) return null;
    const piece = () => this.steps.length === 0 ? null : JSON.stringify([this.steps.slice(-24)]);
    return { unit: 'step', before: () => Math.max(0, this.steps.length - 24), data: 'piece.json', lines: true, body: piece };
  }
}
