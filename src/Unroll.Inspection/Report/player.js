// Plays notes: a note is its pitch (MIDI), its begin and length in quarter notes, and how loud it is. The sound is made here; nothing is fetched.
'use strict';
const unrollPlayer = (() => {
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

  // Begins to play. Notes may be added while it plays, in the order in which they begin; it ends when all that were promised have sounded.
  //   tempo   quarter notes a minute      moved   is told the quarter note that sounds now      ended   is told when it is over
  const play = (tempo, moved, ended) => {
    const context = new AudioContext(), begin = context.currentTime + 0.1, second = 60 / tempo, notes = [];
    let next = 0, end = 0, complete = false, over = false;
    const stop = () => {
      if (over) return;
      over = true;
      context.close();
      ended();
    };
    const tick = () => {
      if (over) return;
      const now = context.currentTime - begin;
      for (; next < notes.length && notes[next][1] * second < now + 0.5; next++)
        note(context, context.destination, notes[next], Math.max(begin + notes[next][1] * second, context.currentTime), notes[next][2] * second);
      if (complete && now > end + 0.3) { stop(); return; }
      moved(Math.max(0, now) / second);
      setTimeout(tick, 40);
    };
    tick();
    return {
      add(added) {
        notes.push(...added);
        for (const one of added) end = Math.max(end, (one[1] + one[2]) * second);
      },
      finish() { complete = true; },
      stop,
    };
  };

  return { play };
})();
