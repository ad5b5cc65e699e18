// A session of a model, as the server has it: every request says where the session stands.
import { ask, bytes, events, path, Refused } from './api.js';

export class Session {
  constructor(model, told) {
    this.model = model;
    this.takeOver(told);
  }

  takeOver(told) {
    this.name = told.session;
    this.position = told.position;
    this.kept = told.kept ?? [];
    this.options = told.options ?? {};
    this.version = told.version;
  }

  static async create(model, options = {}) {
    return new Session(model, await ask(path('models', model, 'sessions'), { method: 'POST', json: options }));
  }

  static async open(model, name) {
    return new Session(model, await ask(path('models', model, 'sessions', name)));
  }

  at(...rest) {
    return path('models', this.model, 'sessions', this.name, ...rest);
  }

  // Takes steps, all or none, and returns their answers.
  async take(steps, signal) {
    return this.standing(async () => {
      const reply = await ask(this.at('steps'), { method: 'POST', json: { at: this.position, steps }, signal });
      this.position = reply.position;
      return reply.answers;
    });
  }

  // Takes steps one by one; each answer is told as it comes.
  async stream(steps, told, signal) {
    return this.standing(async () => {
      for await (const event of events(this.at('steps'), { at: this.position, steps }, signal)) {
        this.position = event.position;
        told(event.answer);
      }
    });
  }

  // What steps would say and do from here; the session stays where it is.
  async look(steps, options = {}, signal) {
    return this.standing(() => ask(this.at('look'), { method: 'POST', json: { at: this.position, steps, ...options }, signal }));
  }

  async refresh() {
    this.takeOver(await ask(this.at()));
  }

  async rewind(position) {
    this.takeOver(await ask(this.at('rewind'), { method: 'POST', json: { position } }));
  }

  async restore(snapshot) {
    this.takeOver(await ask(this.at('restore'), { method: 'POST', body: snapshot }));
  }

  async fork(name) {
    return new Session(this.model, await ask(this.at('fork'), { method: 'POST', json: name ? { session: name } : {} }));
  }

  snapshot() {
    return bytes(this.at('snapshot'));
  }

  // `leaving`: the page is about to go.
  remove(leaving = false) {
    return ask(this.at(), { method: 'DELETE', keepalive: leaving });
  }

  async standing(request) {
    try {
      return await request();
    } catch (error) {
      if (error instanceof Refused && error.position !== undefined) this.position = error.position;
      throw error;
    }
  }
}
