// Plays the piano rolls of a report: each .player button is followed by its notes as JSON.
'use strict';
(() => {
  let playing = null;
  document.querySelectorAll('button.player').forEach(button => button.addEventListener('click', () => {
    const again = playing && playing.button === button;
    if (playing) playing.stop();
    if (again) return;
    const data = JSON.parse(button.nextElementSibling.textContent), line = button.parentElement.querySelector('.now');
    const left = Number(line.dataset.left), quarter = Number(line.dataset.quarter);
    const moved = now => {
      line.setAttribute('visibility', 'visible');
      line.setAttribute('transform', `translate(${left + now * quarter} 0)`);
    };
    const ended = () => {
      line.setAttribute('visibility', 'hidden');
      button.textContent = '▶ play';
      playing = null;
    };
    button.textContent = '■ stop';
    const player = unrollPlayer.play(data.tempo, moved, ended);
    playing = { button, stop: player.stop };
    player.add(data.notes.slice().sort((a, b) => a[1] - b[1]));
    player.finish();
  }));
})();
