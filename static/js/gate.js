/** The gate: whatever reads a ticket hands it to `scan`, and the courier brings the answer, or the desk gives it. */

import { answerOf, lineOf, wordsFor } from "./answers.js";
import { ask, Courier } from "./courier.js";
import { Desk } from "./desk.js";
import { leadKeysTo, rest } from "./keys.js";
import { recall, remember } from "./memory.js";
import { bindCamera } from "./gate-camera.js";
import { Panel } from "./panel.js";
import { keepPage } from "./shell.js";
import { canSound, play, shake, wakeSound } from "./sound.js";
import { Station } from "./station.js";

const NEWEST = 10;
const COUNT_EVERY = 30_000; // ms; other gates let people in too
const DIM_AFTER = 120; // ms: a quick answer does not flicker
const OLD_AFTER = 12_000; // ms: by then another guest stands here

const gate = document.querySelector("[data-gate]");
const form = document.querySelector("[data-scan-form]");
const ticket = form.elements.namedItem("ticket");
const place = form.elements.namedItem("place");
const answer = document.querySelector("[data-answer]");
const result = document.querySelector("#scan");
const delay = document.querySelector("[data-delay]");
const recent = document.querySelector("#recent");
const soundButton = document.querySelector("[data-sound]");

const station = new Station(gate.dataset.code, { changed: () => panel.show(), brought: (...all) => panel.brought(...all) });
const desk = new Desk(gate.dataset.code, station, { judged });
const panel = new Panel(station, desk, { undone });
const courier = new Courier(form.action, { asking, delayed, answered, turnedDown, done }, desk);
let dimming;
let ageing;

function scan(text) {
  // A unit's leader shows one code for all of the unit.
  const unit = /\/u\/([0-9a-z]{26})$/i.exec(text.trim());
  if (unit && station.state === "online") return location.assign(`${gate.dataset.gate}/units/${unit[1].toUpperCase()}`);
  // A page of signatures opens that page, to be typed in.
  const sheet = /\/gate\/\w+\/sheets\/\w+\/\d+$/.exec(text.trim());
  if (sheet && station.state === "online") return location.assign(sheet[0]);
  const fields = new FormData(form);
  fields.set("ticket", text);
  courier.send(fields);
}

// The answer before this one must not be taken for this one's.
function asking() {
  clearTimeout(dimming);
  dimming = setTimeout(() => answer.setAttribute("aria-busy", "true"), DIM_AFTER);
}

function delayed(reason, waiting) {
  delay.querySelector("[data-why]").textContent = delay.dataset[reason];
  delay.querySelector("[data-waiting]").textContent = waiting > 1 ? delay.dataset.waiting.replace("{n}", waiting) : "";
  delay.querySelector("a").hidden = reason !== "login";
  delay.hidden = false;
}

async function answered(html, fields) {
  station.heard();
  const part = parsed(html);
  const newest = part.querySelector("[data-newest]");
  newest?.remove();
  show(part, newest?.content);
  if (!newest) return;
  await desk.note(fields, newest.dataset).catch(() => {}); // it counts all the same: the server knows
  panel.show();
}

function turnedDown() {
  show(document.querySelector("[data-turned-down]").content.cloneNode(true));
  station.look(); // perhaps this gate is not ours any more
}

/** The device's own answer: the count goes on from what the server said last. */
function judged(said, isNew) {
  const words = wordsFor(said.name);
  show([answerOf(words, said), recounted((n) => n + Number(isNew))], lineOf(words, said));
  panel.show();
}

function undone(words, { holder, here, isNew }) {
  show([answerOf(words, { holder, here }), recounted((n) => n - Number(here && isNew))], lineOf(words, { holder, at: Date.now() }));
  refreshCount();
}

function recounted(change) {
  const count = document.querySelector("#door-count").cloneNode(true);
  const number = count.querySelector("strong");
  number.textContent = change(Number(number.textContent));
  return count;
}

function done() {
  panel.show();
}

function show(parts, line) {
  settle();
  if (line) addRecent(line);
  result.replaceChildren(...(Array.isArray(parts) ? parts : [parts]));
  signal(result.querySelector("[data-kind]").dataset.kind);
  answer.scrollIntoView({ block: "nearest" });
}

function settle() {
  clearTimeout(dimming);
  answer.removeAttribute("aria-busy");
  delete answer.dataset.old;
  delay.hidden = true;
}

function signal(kind) {
  clearTimeout(ageing);
  ageing = setTimeout(() => { answer.dataset.old = ""; }, OLD_AFTER);
  if (recall("gate-sound") !== "off") play(kind);
  shake(kind);
}

function addRecent(row) {
  recent.prepend(row);
  while (recent.children.length > NEWEST) recent.lastElementChild.remove();
}

async function refreshCount() {
  if (document.hidden || courier.busy || !desk.reachable) return;
  const { html } = await ask(gate.dataset.gate, {}).catch(() => ({}));
  const count = html && parsed(html).querySelector("#door-count");
  if (count && !courier.busy) document.querySelector("#door-count")?.replaceWith(count);
}

function parsed(html) {
  const part = document.createElement("template");
  part.innerHTML = html;
  return part.content;
}

/** A page that was kept does not know who has come since. */
async function begin() {
  await station.open();
  if (desk.reachable) return;
  const count = await desk.count();
  document.querySelector("#door-count").replaceWith(recounted(() => count));
}

function bindForm() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (ticket.value.trim()) scan(ticket.value);
    ticket.value = "";
    rest(ticket);
  });
  // Half typed letters of an input method are not what the scanner meant.
  ticket.addEventListener("compositionstart", () => { form.querySelector("[data-input-method]").hidden = false; });
  leadKeysTo(ticket);
  rest(ticket);
}

function bindPlace() {
  place.value ||= recall("gate-place");
  place.addEventListener("change", () => remember("gate-place", place.value.trim()));
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // done with the name, and no scan
    place.blur();
    rest(ticket);
  });
}

function bindSound() {
  wakeSound(showSound);
  soundButton.addEventListener("click", () => {
    const off = soundButton.getAttribute("aria-pressed") === "true";
    remember("gate-sound", off ? "off" : "on");
    showSound();
    if (!off) play("admitted");
  });
  showSound();
}

function showSound() {
  const on = recall("gate-sound") !== "off";
  const word = on ? (canSound() ? "on" : "asleep") : "off";
  soundButton.querySelector("span").textContent = soundButton.dataset[word];
  soundButton.setAttribute("aria-pressed", String(word === "on"));
}

addEventListener("beforeunload", (event) => { if (courier.busy) event.preventDefault(); });
setInterval(refreshCount, COUNT_EVERY);
document.querySelector("[data-tools]").hidden = false;
bindForm();
bindPlace();
bindSound();
bindCamera(scan);
keepPage();
begin();
