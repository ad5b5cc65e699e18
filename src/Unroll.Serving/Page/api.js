// Requests to this server, and to no other. What goes wrong is a sentence that says what to do.
const base = new URL('.', document.baseURI);
const keyName = 'unroll-key';
let key = sessionStorage.getItem(keyName);

export const needsKey = () => document.documentElement.dataset.keys === 'yes' && !key;

export const setKey = text => {
  key = text;
  if (text) sessionStorage.setItem(keyName, text);
  else sessionStorage.removeItem(keyName);
};

// A request that was refused, or that nobody answered (status 0).
export class Refused extends Error {
  constructor(status, message, told = {}) {
    super(message);
    Object.assign(this, { status, position: told.position, kept: told.kept });
  }
}

export const path = (...parts) => `v1/${parts.map(encodeURIComponent).join('/')}`;

const send = async (where, { method = 'GET', json, body, accept, signal, keepalive } = {}) => {
  const headers = {};
  if (key) headers.Authorization = `Bearer ${key}`;
  if (accept) headers.Accept = accept;
  let response;
  try {
    response = await fetch(new URL(where, base), { method, headers, signal, keepalive, body: json === undefined ? body : JSON.stringify(json), cache: 'no-store' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(0, 'The server does not answer. If it was stopped, start it again: this page goes on as soon as it is back.');
  }
  if (response.ok) return response;
  let told = {};
  try { told = await response.json(); } catch { /* no problem details: the status says what there is to say */ }
  throw new Refused(response.status, sentence(response.status, told), told);
};

const sentence = (status, told) => {
  const detail = told.detail ? told.detail.charAt(0).toUpperCase() + told.detail.slice(1) : `The server answered with status ${status}.`;
  if (status === 401) return `${detail} Give the key that belongs to you.`;
  if (status === 409 && told.position !== undefined) return `${detail} The page has taken that position over; try again.`;
  if (status === 429 || status === 503) return `${detail} Nothing is lost: try again in a moment.`;
  return detail;
};

export const ask = async (where, options) => {
  const response = await send(where, options);
  return response.status === 204 ? null : response.json();
};

export const bytes = async where => (await send(where)).arrayBuffer();

// Server-sent events, one { event, data } after the other. https://html.spec.whatwg.org/multipage/server-sent-events.html
export async function* events(where, json, signal) {
  const response = await send(where, { method: 'POST', json, accept: 'text/event-stream', signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const told = { event: 'message', data: '' };
        for (const line of text.slice(0, end).split('\n')) {
          const colon = line.indexOf(': ');
          if (colon > 0) told[line.slice(0, colon)] = line.slice(colon + 2);
        }
        const data = JSON.parse(told.data);
        if (told.event === 'problem') throw new Refused(data.status, sentence(data.status, data), data);
        if (told.event === 'end') return;
        yield data;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
