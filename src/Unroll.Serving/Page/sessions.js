// The sessions of a model: where they stand, and what can be done with them.
import { ask, path } from './api.js';
import { button, byId, field, make, number, problem, say } from './dom.js';
import { Session } from './session.js';

export class SessionList {
  // `bench` is the one that works with the model now.
  constructor(bench) {
    this.bench = bench;
    this.rows = new Map();
    this.name = make('input', { type: 'text', size: 14, autocomplete: 'off', maxlength: 100, pattern: '[A-Za-z0-9_\\-][A-Za-z0-9._\\-]*', title: 'letters, digits, ., _ and -' });
    this.durability = make('select', {}, ['none', 'every:10', 'each'].map(word => make('option', {}, word)));
    this.keep = number('Keep a snapshot every N steps', 0, { min: 0, step: 1 });
    this.other = make('input', { type: 'text', size: 14, autocomplete: 'off', maxlength: 100 });
    this.body = make('tbody');
    this.none = make('p', { class: 'note' }, 'There is none yet.');
    this.file = make('input', { type: 'file', class: 'sr', tabindex: -1, 'aria-label': 'A snapshot', onchange: () => this.restore() });
    this.dialog = make('dialog', { 'aria-label': 'Rewind' });
    this.head = make('thead', {}, make('tr', {}, ['Session', 'Position', 'Durable', 'Durability', 'Actions'].map(name => make('th', { scope: 'col' }, name))));
    byId('session-list').replaceChildren(
      make('form', { class: 'bar', onsubmit: event => { event.preventDefault(); this.begin(); } },
        field('Name (or none)', this.name), field('Durable', this.durability), this.keep.label, make('button', { type: 'submit' }, 'Begin a session')),
      make('form', { class: 'bar', onsubmit: event => { event.preventDefault(); bench.use(this.other.value.trim()); } },
        field('Open a session by name', this.other), make('button', { type: 'submit' }, 'Open')),
      this.none, make('table', { class: 'stack' }, this.head, this.body), this.file, this.dialog);
    byId('sessions').hidden = false;
  }

  async begin() {
    if (!this.name.checkValidity()) { problem('A session\'s name has letters, digits, ., _ and - alone, and no . first.'); this.name.focus(); return; }
    const options = { ...this.bench.panel.options(), durability: this.durability.value, keep_every: this.keep.value ?? 0 };
    if (this.name.value) options.session = this.name.value;
    await this.bench.begin(options);
    this.name.value = '';
    await this.refresh();
  }

  async refresh() {
    const { sessions } = await ask(path('models', this.bench.model.model, 'sessions'));
    this.none.hidden = sessions.length > 0;
    this.head.hidden = sessions.length === 0;
    const names = new Set(sessions.map(one => one.session));
    for (const [name, row] of this.rows) if (!names.has(name)) { row.row.remove(); this.rows.delete(name); }
    for (const one of sessions) {
      const row = this.rows.get(one.session) ?? this.made(one);
      const texts = [one.session, String(one.position), String(one.durable), one.options.durability];
      texts.forEach((text, at) => { if (row.cells[at].textContent !== text) row.cells[at].textContent = text; });
      row.use.setAttribute('aria-pressed', String(one.session === this.bench.session?.name));
    }
  }

  made({ session: name }) {
    const cells = Array.from({ length: 4 }, (_, at) => make('td', { class: at === 1 || at === 2 ? 'number' : null, 'data-name': ['Session', 'Position', 'Durable', 'Durability'][at] }));
    const act = (text, press) => button(text, () => this.doing(name, press), { class: 'small', 'aria-label': `${text}: session ${name}` });
    const use = act('Use', () => this.bench.use(name));
    const row = make('tr', {}, cells, make('td', {}, make('div', { class: 'bar' }, use, act('Fork', session => this.fork(session)),
      act('Rewind', session => this.rewind(session)), act('Save', session => this.save(session)), act('Restore', session => this.choose(session)), act('Delete', session => this.remove(session)))));
    const made = { row, cells, use };
    this.rows.set(name, made);
    const after = [...this.rows.keys()].sort().find(other => other > name);
    this.body.insertBefore(row, after ? this.rows.get(after).row : null);
    return made;
  }

  async doing(name, press) {
    problem();
    try {
      const own = this.bench.session?.name === name ? this.bench.session : await Session.open(this.bench.model.model, name);
      await press(own);
      await this.refresh();
    } catch (error) { problem(error.message); }
  }

  async fork(session) {
    const fork = await session.fork();
    say(`${fork.name} goes on from where ${session.name} stands.`);
  }

  async rewind(session) {
    await session.refresh();
    if (session.kept.length === 0) {
      problem(`${session.name} keeps no snapshots to go back to. Begin a session that keeps one every N steps, or save a snapshot yourself and restore it later.`);
      return;
    }
    const where = make('select', {}, session.kept.map(position => make('option', {}, String(position)))), form = make('form', { method: 'dialog' },
      make('p', {}, `Where should ${session.name} go back to? It stands at ${session.position}.`),
      make('div', { class: 'bar' }, field('Position', where), make('button', { value: 'go', class: 'main' }, 'Go back'), make('button', { value: '' }, 'Leave it')));
    where.value = session.kept.at(-1);
    this.dialog.replaceChildren(form);
    this.dialog.onclose = () => {
      if (this.dialog.returnValue !== 'go') return;
      this.doing(session.name, async own => {
        await own.rewind(Number(where.value));
        if (own === this.bench.session) await this.bench.taken(false);
        say(`${own.name} stands at ${own.position} again.`);
      });
    };
    this.dialog.showModal();
  }

  async save(session) {
    const link = make('a', { href: URL.createObjectURL(new Blob([await session.snapshot()])), download: `${session.name}.snapshot` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(`A snapshot of ${session.name} at ${session.position} was saved.`);
  }

  choose(session) {
    this.wanted = session.name;
    this.file.value = '';
    this.file.click();
  }

  async restore() {
    const file = this.file.files[0];
    if (!file) return;
    await this.doing(this.wanted, async session => {
      await session.restore(await file.arrayBuffer());
      if (session === this.bench.session) await this.bench.taken(false);
      say(`${session.name} goes on from the snapshot, at ${session.position}.`);
    });
  }

  async remove(session) {
    await session.remove();
    if (this.bench.session?.name === session.name) await this.bench.begin(this.bench.panel.options());
    say(`${session.name} has ended.`);
  }
}
