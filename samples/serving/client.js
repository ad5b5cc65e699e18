// Words in, labels out as they come: in a browser, or `node client.js ADDRESS MODEL WORD…` (18 or newer).
// UNROLL_KEY has the key, if the server wants one.
export async function* tag(address, model, words, key) {
  const headers = { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) };
  const ask = async (path, body, accept) => {
    const response = await fetch(address + path, { method: "POST", headers: { ...headers, ...accept }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error((await response.json()).detail);
    return response;
  };
  const { session } = await (await ask(`/v1/models/${model}/sessions`, {})).json();
  const path = `/v1/models/${model}/sessions/${session}`;
  const reply = await ask(`${path}/steps`, { at: 0, steps: words }, { Accept: "text/event-stream" });
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "", piece; !(piece = await reader.read()).done;) {
    const events = (text + piece.value).split("\n\n");
    text = events.pop();                                       // not whole yet
    for (const event of events) {
      const data = JSON.parse(event.split("\n").find(line => line.startsWith("data: ")).slice(6));
      if (event.startsWith("event: problem")) throw new Error(data.detail);
      if (data.answer) yield [words[data.at], data.answer];
    }
  }
  await fetch(address + path, { method: "DELETE", headers });
}

if (globalThis.process?.argv[1]?.endsWith("client.js")) {
  const [address, model, ...words] = process.argv.slice(2);
  for await (const [word, answer] of tag(address, model, words, process.env.UNROLL_KEY)) console.log(`${word}\t${answer.label}`);
}
