/** Each verdict has its own sound and its own shake: nobody at a door looks at the screen all the time. */

// Hz, start and length in seconds. Up: come in. Twice the same: look closer. Long and low: no.
const TONES = {
  admitted: { wave: "sine", notes: [[880, 0, 0.1], [1320, 0.1, 0.18]] },
  warning: { wave: "triangle", notes: [[560, 0, 0.14], [560, 0.22, 0.14], [560, 0.44, 0.14]] },
  refused: { wave: "sawtooth", notes: [[185, 0, 0.55]] },
};
const SHAKES = { admitted: [90], warning: [90, 70, 90], refused: [300, 90, 300] };
const LOUDNESS = 0.5;

let context;

/** Browsers stay silent until somebody has touched the page; calls `changed` when that is over, or begins again. */
export function wakeSound(changed) {
  const wake = (event) => {
    if (event.type !== "click" && event.target.closest?.("button")) return; // its click follows
    context ??= newContext(changed);
    if (context.state !== "running") context.resume().catch(() => {});
  };
  for (const gesture of ["click", "touchend", "keydown"]) document.addEventListener(gesture, wake);
}

export function canSound() {
  return context?.state === "running";
}

export function play(kind) {
  if (!canSound() || !TONES[kind]) return;
  const { wave, notes } = TONES[kind];
  for (const note of notes) beep(wave, ...note);
}

export function shake(kind) {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(SHAKES[kind] ?? []);
}

function newContext(changed) {
  const fresh = new (window.AudioContext ?? window.webkitAudioContext)();
  fresh.addEventListener("statechange", changed);
  return fresh;
}

function beep(wave, frequency, start, length) {
  const from = context.currentTime + start;
  const tone = new OscillatorNode(context, { type: wave, frequency });
  const volume = new GainNode(context, { gain: LOUDNESS });
  volume.gain.setTargetAtTime(0, from + length - 0.03, 0.01); // cut off at once it would click
  tone.connect(volume).connect(context.destination);
  tone.start(from);
  tone.stop(from + length + 0.05);
}
