/**
 * Sessions are taken to another time, day or venue. Nothing is moved here: letting go opens the form that asks for it,
 * filled in. Times are those of Shanghai throughout, written without a zone, so that the browser's own never matters.
 */

const MINUTE = 60_000;
const QUARTER = 15;
const DAY = 24 * 60;

let held = null;

function moment(text) {
  return Date.parse(`${text}Z`) / MINUTE;
}

function text(minutes) {
  return new Date(minutes * MINUTE).toISOString().slice(0, 16);
}

/** A line of a week's column, in pixels. */
function lineHeight(slots) {
  return parseFloat(getComputedStyle(slots).gridAutoRows);
}

function take(event) {
  const entry = event.target.closest?.("[data-code]");
  if (!entry) return;
  const slots = entry.closest(".week-slots");
  const above = event.clientY - entry.getBoundingClientRect().top;
  held = {
    entry,
    day: entry.closest("[data-day]")?.dataset.day ?? entry.dataset.starts.slice(0, 10),
    grabbed: slots ? Math.floor(above / lineHeight(slots)) : null,
  };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", entry.dataset.code);
  entry.classList.add("held");
}

/** Where it would begin if it were let go over `place`. */
function beginning(place, event) {
  const { entry, day, grabbed } = held;
  const days = (moment(`${place.dataset.day}T00:00`) - moment(`${day}T00:00`)) / DAY;
  if (grabbed === null || !place.matches(".week-slots")) return moment(entry.dataset.starts) + days * DAY;
  const line = Math.floor((event.clientY - place.getBoundingClientRect().top) / lineHeight(place)) - grabbed;
  const firstHour = Number(place.closest("[data-first-hour]").dataset.firstHour);
  return moment(`${place.dataset.day}T00:00`) + firstHour * 60 + Math.max(line, 0) * QUARTER;
}

function clearMarks() {
  for (const mark of document.querySelectorAll(".drop-mark")) mark.remove();
  for (const cell of document.querySelectorAll(".drop-here")) cell.classList.remove("drop-here");
}

function mark(place, begins) {
  clearMarks();
  if (!place.matches(".week-slots") || held.grabbed === null) return place.classList.add("drop-here");
  const minutes = Number(held.entry.dataset.minutes);
  const firstHour = Number(place.closest("[data-first-hour]").dataset.firstHour);
  const first = Math.round((begins - moment(`${place.dataset.day}T00:00`) - firstHour * 60) / QUARTER) + 1;
  const note = document.createElement("li");
  note.className = "drop-mark";
  note.dataset.first = first;
  note.dataset.end = Math.min(first + Math.ceil(minutes / QUARTER), 97);
  note.textContent = `${text(begins).slice(11)}–${text(begins + minutes).slice(11)}`;
  place.append(note);
}

function place(event) {
  return held && event.target.closest?.(".week-slots, .grid[data-rows=venue] td[data-day]");
}

function over(event) {
  const here = place(event);
  if (!here) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  mark(here, beginning(here, event));
}

function venueOf(element) {
  return element.closest("[data-venue]")?.dataset.venue ?? "";
}

function drop(event) {
  const here = place(event);
  if (!here) return;
  event.preventDefault();
  const { entry } = held;
  const { code, minutes, starts } = entry.dataset;
  const begins = beginning(here, event);
  const venue = venueOf(here);
  if (begins === moment(starts) && venue === venueOf(entry)) return;
  const asked = new URLSearchParams({ starts_at: text(begins), ends_at: text(begins + Number(minutes)) });
  if (venue) asked.set("venue", venue);
  open(`/manage/sessions/${code}/move?${asked}`);
}

/** The form beside the calendar; as a page of its own when it has more to say than a form. */
async function open(address) {
  const panel = document.querySelector("[data-move-panel]");
  const headers = { "HX-Request-Type": "partial", Accept: "text/html" };
  const answer = await fetch(address, { headers }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    location.assign(address);
    return;
  }
  const body = panel.querySelector("[data-move-form]");
  body.innerHTML = await answer.text();
  window.htmx?.process(body);
  panel.showModal();
  body.querySelector("[name=starts_at]")?.focus();
  panel.scrollTop = 0;
}

function letGo() {
  held?.entry.classList.remove("held");
  held = null;
  clearMarks();
}

// A finger scrolls; it has the link beside each entry.
if (matchMedia("(pointer: fine)").matches) {
  for (const entry of document.querySelectorAll("[data-code]")) {
    entry.draggable = true;
    for (const link of entry.querySelectorAll("a")) link.draggable = false;
  }
  document.addEventListener("dragstart", take);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", letGo);
  document.querySelector("[data-move-close]")?.addEventListener("click", (event) => event.target.closest("dialog").close());
}
