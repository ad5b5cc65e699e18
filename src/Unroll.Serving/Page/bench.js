// Where one model is worked with: its panel, its session, and what is seen inside.
import { ask, path, Refused } from './api.js';
import { byId, button, make, problem, say } from './dom.js';
import { ForecastPanel } from './forecast.js';
import { Glass } from './glass.js';
import { LabelPanel } from './labels.js';
import { LanguagePanel } from './language.js';
import { MusicPanel } from './music.js';
import { PredictPanel } from './predict.js';
import { Session } from './session.js';
import { SpeechPanel } from './speech.js';
import { Why } from './why.js';

const panels = { lm: LanguagePanel, tag: LabelPanel, classify: LabelPanel, dna: LabelPanel, forecast: ForecastPanel, music: MusicPanel, speech: SpeechPanel };
const tasks = { lm: 'language model', tag: 'tagger', classify: 'classifier', dna: 'classifier of sequences', forecast: 'forecaster', music: 'composer',
  speech: 'recognizer of speech', translate: 'translator', network: 'network' };

// A name that can be read aloud, and that nobody else has.
const newName = () => `page-${Array.from(crypto.getRandomValues(new Uint8Array(6)), value => 'bcdfghjkmnpqrstvwxz23456789'[value % 27]).join('')}`;

export const taskName = task => tasks[task] ?? task;

export class Bench {
  // `locked` is called where a key is needed, `changed` where a session was begun, taken up or moved.
  constructor(model, about, { locked, changed }) {
    Object.assign(this, { model, about, locked, changed, session: null, turn: Promise.resolve(), closed: false });
    this.hasSessions = model.has_sessions;
    this.remembered = `unroll-session ${model.model} ${model.version}`;
    byId('model-title').textContent = `${model.model}: a ${taskName(model.task)}`;
    const glassRoot = byId('glass'), inside = make('div'), why = make('div');
    glassRoot.replaceChildren(inside, why);
    this.glass = new Glass(inside);
    this.panel = new (this.hasSessions || panels[model.task] === LabelPanel || panels[model.task] === SpeechPanel ? panels[model.task] ?? PredictPanel : PredictPanel)(byId('panel'), this);
    this.source = this.panel.source;
    if (this.source) this.why = new Why(why, model.model, { options: () => this.panel.options(), ...this.source });
    for (const id of ['model', 'inside']) byId(id).hidden = false;
    this.tell();
  }

  async start() {
    if (!this.hasSessions) {
      this.glass.clear('This model reads whole sequences: what is inside appears when it has read one.');
      await this.panel.began({ position: 0, options: {} });
      await this.explain();
      return;
    }
    const name = sessionStorage.getItem(this.remembered);
    if (!(name && await this.use(name, { quiet: true })) && this.panel.alive) {
      await this.begin(this.panel.options());
      this.untouched = this.session;
    }
    await this.explain();
  }

  // What counted in what there is to see already.
  async explain() {
    if (!this.closed && this.source?.body() != null) await this.why.show(null, true);
    this.why?.fill();
  }

  // Begins a session; `instead`: the one before ends, and the panel goes on as it is.
  async begin(options, { instead = false } = {}) {
    try {
      const before = this.session;
      this.session = await Session.create(this.model.model, { session: newName(), ...options });
      if (instead && before) before.remove().catch(() => {});
      await this.taken(instead);
    } catch (error) { this.failed(error); }
  }

  // Takes up a session that is there. False: it is not.
  async use(name, { quiet = false } = {}) {
    try {
      this.session = await Session.open(this.model.model, name);
      await this.taken(false);
      return true;
    } catch (error) {
      if (!(quiet && error.status === 404)) this.failed(error);
      return false;
    }
  }

  async taken(quiet) {
    sessionStorage.setItem(this.remembered, this.session.name);
    if (!quiet) {
      problem();
      this.glass.clear();
      await this.panel.began(this.session);
    }
    this.tell();
    this.changed();
  }

  // Does something with the session; one thing after the other.
  work(act, { quiet = false } = {}) {
    const own = this.turn.then(async () => {
      if (this.closed) return;
      if (!quiet) problem();
      if (!this.session) await this.begin(this.panel.options(), { instead: true });         // it begins with the first that is done
      if (!this.session) return;
      try {
        await act(this.session, this.glass.watch.checked);
        if (this.quietly) problem();
        this.quietly = false;
      } catch (error) {
        await this.failed(error);
        this.quietly = quiet && error.status === 400;        // said of what is typed or drawn just now: gone when that is right
      }
      this.tell();
      this.changed();
    });
    this.turn = own.catch(() => {});
    return own;
  }

  async failed(error) {
    if (error.name === 'AbortError' || this.closed) return;
    if (!(error instanceof Refused)) {
      problem(error.message);
      return;
    }
    if (error.status === 401) this.locked();
    else if (error.status === 404 && this.session) await this.renew();
    else problem(error.message);
  }

  // The session is gone: the server was started anew, or it had rested too long.
  async renew() {
    const gone = this.session.name;
    this.session = null;
    try {
      this.session = await Session.create(this.model.model, { session: newName(), ...this.panel.options() });
      sessionStorage.setItem(this.remembered, this.session.name);
      this.glass.clear();
      problem(`The session ${gone} has ended: the server was started anew, or it had rested too long. A new one was begun; go on from its beginning.`);
      queueMicrotask(() => this.panel.began(this.session));
    } catch (error) { problem(error.message); }
    this.changed();
  }

  // The server is back: is the session?
  async again() {
    if (!this.session) {
      if (this.hasSessions && this.panel.alive) await this.begin(this.panel.options());
      return;
    }
    try {
      await this.session.refresh();
      problem();
    } catch (error) { await this.failed(error); }
    this.tell();
  }

  // What is inside where a session has no states to look at: of the data as a whole.
  async lookInto({ body, data: name }) {
    if (!this.glass.watch.checked || this.looking) return;
    this.looking = true;
    try {
      const data = body();
      if (data !== null) {
        const told = await ask(`${path('models', this.model.model, 'inspect')}?data=${name}`, { method: 'POST', body: data });
        if (!this.closed) this.glass.replace(told.labels, told.layers);
      }
    } catch (error) { this.glass.clear(error.message); }
    this.looking = false;
  }

  tell() {
    const { model, session } = this, parts = [`version ${model.version.slice(0, 12)}…`];
    if (session) parts.push(`session ${session.name.length > 20 ? `${session.name.slice(0, 12)}…` : session.name}, step ${session.position}`);
    else parts.push(this.hasSessions ? 'no session yet' : 'no sessions: it reads whole sequences');
    const begin = this.hasSessions ? [' ', button('New session', () => this.begin(this.panel.options()), { class: 'small' })] : [];
    if (!this.line) byId('about').replaceChildren(this.line = make('span'), ...begin);
    this.line.textContent = parts.join(' · ');
    if (session) say(`Connected · session ${session.name.length > 20 ? `${session.name.slice(0, 12)}…` : session.name}, step ${session.position}`);
    else say('Connected.');
  }

  // A session that was begun unasked, and of which nothing came, ends with its page.
  leave() {
    if (!this.untouched || this.untouched !== this.session || this.session.position > 0) return;
    sessionStorage.removeItem(this.remembered);
    this.session.remove(true).catch(() => {});
    this.untouched = null;
  }

  close() {
    this.leave();
    this.closed = true;
    this.panel.halt?.abort();
    this.panel.playing?.stop();
  }
}
