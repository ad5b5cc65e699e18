// The page: which models there are, which one is worked with, and what is going on.
import { ask, needsKey, path, setKey } from './api.js';
import { Bench, taskName } from './bench.js';
import { byId, make, problem, say } from './dom.js';
import { RunList } from './runs.js';
import { SessionList } from './sessions.js';

const every = 2000, remembered = 'unroll-model';             // milliseconds between two looks at the server
const runs = new RunList();
let bench = null, sessions = null, away = false, timer = null, showsRuns = true, asked = false;

const locked = () => {
  setKey(null);
  clearTimeout(timer);
  byId('key').hidden = false;
  byId('key-text').focus();
  say('This server asks for a key.');
};

byId('key').addEventListener('submit', event => {
  event.preventDefault();
  setKey(byId('key-text').value.trim());
  byId('key-text').value = '';
  byId('key').hidden = true;
  problem();
  look();
});

const choose = async model => {
  bench?.close();
  problem();
  sessionStorage.setItem(remembered, model.model);
  const { about } = await ask(path('models', model.model));
  bench = new Bench(model, about, { locked, changed: () => soon() });
  sessions = model.has_sessions ? new SessionList(bench) : null;
  byId('sessions').hidden = !model.has_sessions;
  mark();
  bench.start().catch(error => problem(error.message));
};

// The sessions' list follows what is done with them, though not more than a few times a second.
let waiting = false;
const soon = () => {
  if (waiting) return;
  waiting = true;
  setTimeout(async () => {
    waiting = false;
    await sessions?.refresh().catch(() => {});
  }, 250);
};

const cards = new Map();
const mark = () => cards.forEach((card, name) => card.button.setAttribute('aria-current', String(name === bench?.model.model)));

const list = models => {
  byId('models').hidden = models.length === 0;
  const names = new Set(models.map(model => model.model));
  for (const [name, card] of cards) if (!names.has(name)) { card.button.remove(); cards.delete(name); }
  for (const model of models) {
    let card = cards.get(model.model);
    if (!card) {
      card = { counts: make('span') };
      card.button = make('button', { type: 'button', onclick: () => choose(cards.get(model.model).model).catch(error => problem(error.message)) },
        make('b', {}, model.model), make('span', {}, taskName(model.task)), card.counts);
      cards.set(model.model, card);
      byId('models').append(card.button);
    }
    card.model = model;
    const counts = `${model.has_sessions ? `${model.sessions} session${model.sessions === 1 ? '' : 's'}` : 'whole sequences'} · ${model.version.slice(0, 8)}`;
    if (card.counts.textContent !== counts) card.counts.textContent = counts;
  }
  mark();
};

// Asks how things are, and again a little later. A server that is away is asked again until it is back.
const look = async () => {
  clearTimeout(timer);
  if (needsKey()) { locked(); return; }
  try {
    const { models } = await ask('v1/models');
    list(models);
    if (showsRuns) showsRuns = await runs.refresh();
    const own = models.find(model => model.model === bench?.model.model);
    if (models.length > 0 && (!own || own.version !== bench.model.version)) {
      const before = sessionStorage.getItem(remembered);
      const next = own ?? models.find(model => model.model === before) ?? models[0];
      if (bench && own) say(`${own.model} was replaced by another version.`);
      await choose(next);
    } else if (away) {
      problem();
      await bench?.again();
    }
    away = false;
    await sessions?.refresh();
    if (models.length === 0) say(showsRuns ? 'Connected. No model is served; training runs are below.' : 'Connected. No model is served: start the server with one.');
    asked = true;
  } catch (error) {
    if (error.status === 401) {
      problem(error.message);
      locked();
      return;
    }
    if (error.status === 0) away = true;
    say(away ? 'The server does not answer.' : 'Connected.');
    if (error.status !== 404) problem(error.message);
  }
  timer = setTimeout(look, document.hidden ? 5 * every : every);
};

addEventListener('pagehide', () => bench?.leave());
document.addEventListener('visibilitychange', () => { if (!document.hidden && asked) look(); });
look();
