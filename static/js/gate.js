/** The gate: whatever reads a ticket hands it to `scan`, and the courier brings the answer. */

import { ask, Courier } from "./courier.js";
import { leadKeysTo, rest } from "./keys.js";
import { recall, remember } from "./memory.js";
import { bindCamera } from "./gate-camera.js";
import { canSound, play, shake, wakeSound } from "./sound.js";

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
const net = document.querySelector("[data-net]");
const soundButton = document.querySelector("[data-sound]");

const courier = new Courier(form.action, { asking, delayed, answered, turnedDown, done });
let dimming;
let ageing;

function scan(text) {
  // A unit's leader shows one code for all of the unit.
  const unit = /\/u\/([0-9a-z]{26})$/i.exec(text.trim());
  if (unit) return location.assign(`${gate.dataset.gate}/units/${unit[1].toUpperCase()}`);
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
  showNet();
}

function answered(html) {
  settle();
  const part = parsed(html);
  const newest = part.querySelector("[data-newest]");
  if (newest) addRecent(newest.content);
  newest?.remove();
  result.replaceChildren(part);
  signal(result.querySelector("[data-kind]").dataset.kind);
  answer.scrollIntoView({ block: "nearest" });
}

function turnedDown() {
  settle();
  result.replaceChildren(document.querySelector("[data-turned-down]").content.cloneNode(true));
  signal("refused");
}

function done() {
  showNet();
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
  if (document.hidden || courier.busy) return;
  const { html } = await ask(gate.dataset.gate, {}).catch(() => ({}));
  const count = html && parsed(html).querySelector("#door-count");
  if (count && !courier.busy) document.querySelector("#door-count")?.replaceWith(count);
}

function parsed(html) {
  const part = document.createElement("template");
  part.innerHTML = html;
  return part.content;
}

function showNet() {
  const offline = navigator.onLine === false || !delay.hidden;
  net.dataset.state = offline ? "waitlisted" : "open";
  net.textContent = offline ? net.dataset.offline : net.dataset.online;
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

addEventListener("online", showNet);
addEventListener("offline", showNet);
addEventListener("beforeunload", (event) => { if (courier.busy) event.preventDefault(); });
setInterval(refreshCount, COUNT_EVERY);
document.querySelector("[data-tools]").hidden = false;
bindForm();
bindPlace();
bindSound();
bindCamera(scan);
showNet();
