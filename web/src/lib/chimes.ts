// The sounds, made by the browser from a few notes: no file is fetched.
export type Sound = 'receipt' | 'reveal';

type Note = { hertz: number; at: number; seconds: number };

const notes: Record<Sound, readonly Note[]> = {
  receipt: [
    { hertz: 659.3, at: 0, seconds: 0.18 },
    { hertz: 880, at: 0.09, seconds: 0.3 },
  ],
  reveal: [
    { hertz: 392, at: 0, seconds: 1.1 },
    { hertz: 493.9, at: 0.14, seconds: 1 },
    { hertz: 587.3, at: 0.28, seconds: 0.9 },
    { hertz: 784, at: 0.42, seconds: 1.2 },
  ],
};
/** Of one: as loud as a phone's keys. */
const loudness = 0.07;
const lateMs = 1_000;
let audio: AudioContext | undefined;

export async function chime(sound: Sound): Promise<void> {
  audio ??= new AudioContext();
  // Unless somebody has touched the page, this waits, and the moment of the sound is over before it may be made.
  const asked = performance.now();
  await audio.resume();
  if (performance.now() - asked > lateMs) return;
  for (const note of notes[sound]) play(audio, note);
}

function play(on: AudioContext, { hertz, at, seconds }: Note): void {
  const start = on.currentTime + at;
  const [tone, gain] = [on.createOscillator(), on.createGain()];
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  tone.connect(gain).connect(on.destination);
  tone.start(start);
  tone.stop(start + seconds);
}
