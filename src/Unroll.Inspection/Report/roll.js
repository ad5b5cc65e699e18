// Plays piano rolls: each .player button is followed by its notes as JSON. The sound is made here; nothing is fetched.
'use strict';
(() => {
  let playing = null;
  const stop = () => {
    if (!playing) return;
    playing.context.close();
    playing.line.setAttribute('visibility', 'hidden');
    playing.button.textContent = '▶ play';
    playing = null;
  };

  // A soft tone of three partials that fades as a string does.
  const note = (context, out, [pitch, , , velocity], from, length) => {
    const gain = context.createGain(), loud = 0.16 * velocity / 127;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(loud, from + 0.015);
    gain.gain.exponentialRampToValueAtTime(loud * 0.35, from + Math.max(0.05, length));
    gain.gain.linearRampToValueAtTime(0, from + Math.max(0.05, length) + 0.08);
    gain.connect(out);
    [1, 0.4, 0.15].forEach((share, k) => {
      const tone = context.createOscillator(), part = context.createGain();
      tone.frequency.value = 440 * 2 ** ((pitch - 69) / 12) * (k + 1);
      part.gain.value = share;
      tone.connect(part).connect(gain);
      tone.start(from);
      tone.stop(from + Math.max(0.05, length) + 0.1);
    });
  };

  document.querySelectorAll('button.player').forEach(button => button.addEventListener('click', () => {
    const again = playing && playing.button === button;
    stop();
    if (again) return;
    const data = JSON.parse(button.nextElementSibling.textContent), second = 60 / data.tempo;
    const line = button.parentElement.querySelector('.now'), context = new AudioContext(), begin = context.currentTime + 0.1;
    const end = Math.max(0, ...data.notes.map(one => (one[1] + one[2]) * second));
    const left = Number(line.dataset.left), quarter = Number(line.dataset.quarter);
    playing = { context, line, button };
    button.textContent = '■ stop';
    let next = 0;
    const sorted = data.notes.slice().sort((a, b) => a[1] - b[1]);
    const draw = () => {
      if (!playing || playing.context !== context) return;
      const now = context.currentTime - begin;
      for (; next < sorted.length && sorted[next][1] * second < now + 0.5; next++)
        note(context, context.destination, sorted[next], begin + sorted[next][1] * second, sorted[next][2] * second);
      if (now > end + 0.3) return stop();
      line.setAttribute('visibility', 'visible');
      line.setAttribute('transform', `translate(${left + Math.max(0, now) / second * quarter} 0)`);
      setTimeout(draw, 40);
    };
    draw();
  }));
})();
