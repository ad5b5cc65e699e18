// Sound: a file decoded to samples of a rate, and the microphone in pieces.

// The samples of a file, one channel, at a rate. The browser decodes it: WAV, and whatever else it knows.
export const decode = async (data, rate) => {
  const context = new OfflineAudioContext(1, 1, rate);
  let sound;
  try {
    sound = await context.decodeAudioData(data);
  } catch {
    throw new Error('That file is no sound that this browser can read. Choose a WAV file.');
  }
  const samples = new Float32Array(sound.length);
  for (let c = 0; c < sound.numberOfChannels; c++) sound.getChannelData(c).forEach((value, i) => { samples[i] += value / sound.numberOfChannels; });
  return samples;
};

// Samples as a WAV file of 16 bits.
export const wav = (samples, rate) => {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length)), text = (at, word) => [...word].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  bytes.setUint32(4, 36 + 2 * samples.length, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 2 * rate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, 'data');
  bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, i) => bytes.setInt16(44 + 2 * i, Math.round(32767 * Math.max(-1, Math.min(1, value))), true));
  return new Blob([bytes], { type: 'audio/wav' });
};

// Listens until it is stopped; each piece is told as it comes.
export const listen = async (rate, told) => {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  } catch {
    throw new Error('The microphone is not to be had: let this page use it, or choose a file. Away from this machine browsers want https for it.');
  }
  const context = new AudioContext({ sampleRate: rate });
  await context.audioWorklet.addModule(new URL('microphone.js', import.meta.url));
  const pieces = new AudioWorkletNode(context, 'pieces');
  pieces.port.onmessage = event => told(event.data);
  context.createMediaStreamSource(stream).connect(pieces);
  return () => {
    stream.getTracks().forEach(track => track.stop());
    return context.close();
  };
};
