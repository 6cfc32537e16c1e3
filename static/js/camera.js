/** The camera: watches for codes, gives each one once, and says in one word why it cannot. */

import { loadReader, readFrame } from "./decoder.js";

const QUIET = 4000; // ms: a code that stays before the camera, or comes back at once, is the same scan

export class Camera {
  #video;
  #parts;
  #found;
  #lost;
  #stream;
  #turn = 0;
  #seen = new Map();

  /** `parts` are the addresses of the reader's: {wasm, worker}; `lost` hears that the camera was taken away. */
  constructor(video, parts, found, lost) {
    this.#video = video;
    this.#parts = parts;
    this.#lost = lost;
    this.#found = found;
  }

  get on() {
    return Boolean(this.#stream);
  }

  get track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /** Raises an Error whose message is insecure, denied, absent, occupied or reader. */
  async start(device) {
    this.stop();
    const turn = this.#turn;
    const stream = await openStream(device);
    if (turn !== this.#turn) {
      release(stream); // stopped or started anew while the person was asked
      return;
    }
    this.#stream = stream;
    this.#video.srcObject = stream;
    this.track.addEventListener("ended", () => this.#gone(stream));
    keepSharp(this.track);
    await this.#reader();
    await this.#video.play().catch(() => {}); // stopped again before it began
    this.#watch(stream);
  }

  stop() {
    this.#turn += 1;
    release(this.#stream);
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  #gone(stream) {
    if (this.#stream !== stream) return;
    this.stop();
    this.#lost("occupied");
  }

  async #reader() {
    try {
      return await loadReader(this.#parts);
    } catch {
      this.stop();
      throw new Error("reader");
    }
  }

  async #watch(stream) {
    let coming = nextFrame(this.#video);
    while (this.#stream === stream) {
      await coming;
      coming = nextFrame(this.#video); // one may come while this one is read
      if (this.#stream !== stream || !this.#video.videoWidth) continue;
      const began = performance.now();
      const reader = await loadReader(this.#parts).catch(() => undefined); // there already, unless it was lost
      const texts = reader ? await readFrame(reader, this.#video).catch(() => []) : [];
      for (const text of texts) if (this.#isNew(text)) this.#found(text);
      if (!reader?.apart) await rest(performance.now() - began); // never more than half of a slow phone's time
    }
  }

  #isNew(text) {
    const now = performance.now();
    for (const [other, at] of this.#seen) if (now - at > QUIET) this.#seen.delete(other);
    const isNew = !this.#seen.has(text);
    this.#seen.set(text, now);
    return isNew;
  }
}

/** Cameras by name; empty before permission was given. */
export async function listCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "videoinput" && device.label);
}

const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "occupied",
  AbortError: "occupied",
};

async function openStream(device) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error(isSecureContext ? "absent" : "insecure");
  const which = device ? { deviceId: { ideal: device } } : { facingMode: { ideal: "environment" } };
  const video = { ...which, width: { ideal: 1280 }, height: { ideal: 720 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video });
  } catch (error) {
    throw new Error(REASONS[error.name] ?? "absent");
  }
}

// Codes come close and go away again; some cameras look sharply only once unless told.
function keepSharp(track) {
  if (!track.getCapabilities?.().focusMode?.includes("continuous")) return;
  track.applyConstraints({ advanced: [{ focusMode: "continuous" }] }).catch(() => {});
}

function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

function nextFrame(video) {
  return new Promise((done) => {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(done);
    else setTimeout(done, 60);
  });
}

function rest(ms) {
  return new Promise((done) => { setTimeout(done, ms); });
}
