/** The gate's picture, its tools, and photos for phones that give no picture. */

import { stayAwake } from "./awake.js";
import { Camera, listCameras } from "./camera.js";
import { loadReader, readPhoto } from "./decoder.js";
import { recall, remember } from "./memory.js";

const box = document.querySelector("[data-camera]");
const trouble = document.querySelector("[data-trouble]");
const toggle = document.querySelector("[data-camera-toggle]");
const torch = document.querySelector("[data-torch]");
const choice = document.querySelector("[data-cameras]");
const photo = document.querySelector("[data-photo]");
const { wasm, worker } = box.dataset;
const parts = { wasm, worker };

export function bindCamera(scan) {
  const camera = new Camera(box.querySelector("video"), parts, scan, (reason) => {
    say(reason);
    show(camera);
  });
  toggle.addEventListener("click", () => switchTo(camera, !camera.on));
  torch.addEventListener("click", () => light(camera.track));
  choice.addEventListener("change", () => choose(camera));
  photo.addEventListener("change", () => take(scan));
  document.addEventListener("visibilitychange", () => follow(camera));
  stayAwake();
  if (isWanted()) start(camera);
  else show(camera);
}

function isWanted() {
  return recall("gate-camera") !== "off";
}

async function start(camera) {
  say("");
  box.hidden = false;
  try {
    await camera.start(recall("gate-camera-device"));
    offerChoice(await listCameras(), camera.track);
  } catch (error) {
    say(error.message);
  }
  show(camera);
}

function switchTo(camera, on) {
  remember("gate-camera", on ? "on" : "off");
  if (on) return start(camera);
  camera.stop();
  return show(camera);
}

// A hidden page gets no frames, and phones take the camera away from it.
function follow(camera) {
  if (document.hidden) camera.stop();
  else if (isWanted() && trouble.hidden) start(camera);
}

function show(camera) {
  box.hidden = !camera.on;
  toggle.querySelector("span").textContent = camera.on ? toggle.dataset.stop : toggle.dataset.start;
  torch.hidden = !camera.track?.getCapabilities?.().torch;
  torch.setAttribute("aria-pressed", "false");
  if (!camera.on) choice.hidden = true;
}

function say(reason) {
  trouble.querySelector("[data-why]").textContent = trouble.dataset[reason] ?? "";
  trouble.hidden = !reason;
}

function offerChoice(cameras, track) {
  const current = track?.getSettings?.().deviceId;
  choice.replaceChildren(...cameras.map((c) => new Option(c.label, c.deviceId, false, c.deviceId === current)));
  choice.hidden = cameras.length < 2;
}

function choose(camera) {
  remember("gate-camera-device", choice.value);
  start(camera);
}

async function light(track) {
  const on = torch.getAttribute("aria-pressed") !== "true";
  try {
    await track.applyConstraints({ advanced: [{ torch: on }] });
  } catch {
    return; // stays as it is
  }
  torch.setAttribute("aria-pressed", String(on));
}

async function take(scan) {
  const [file] = photo.files;
  if (!file) return;
  say("");
  const text = await read(file);
  photo.value = ""; // the same picture may be taken again
  if (text) scan(text);
}

async function read(file) {
  const reader = await loadReader(parts).catch(() => undefined);
  if (!reader) return say("reader");
  const text = await readPhoto(reader, file).catch(() => "");
  return text || say("nothing");
}
