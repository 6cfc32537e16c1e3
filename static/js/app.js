/** Small comforts bound by data attributes. Their buttons stay hidden until this file has run. */

function reveal(selector) {
  for (const button of document.querySelectorAll(selector)) button.hidden = false;
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = before; }, 2000);
}

function clicked(event) {
  const button = event.target.closest("[data-copy], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else copy(button);
}

/** A form that is on its way is not sent again by an impatient second tap. */
function submitted(event) {
  const { once } = event.target.dataset;
  const button = event.submitter;
  if (!once || !button) return;
  button.dataset.before = button.textContent;
  // After this event, or the browser would leave out what a disabled button belongs to.
  setTimeout(() => { button.disabled = true; button.textContent = once; });
}

/** Back to a page that was kept as it was left: its form can be sent again. */
function shown() {
  for (const button of document.querySelectorAll("button[data-before]")) {
    button.disabled = false;
    button.textContent = button.dataset.before;
  }
}

/** Where tabs are wider than a phone, the one that the page stands in is seen. */
function showCurrent(row) {
  const current = row.querySelector("[aria-current]");
  if (current) row.scrollLeft += current.getBoundingClientRect().right - row.getBoundingClientRect().right + current.offsetWidth / 2;
}

for (const row of document.querySelectorAll(".tabs")) showCurrent(row);
// Copying needs HTTPS: without it the link beside the button is what people use.
if (navigator.clipboard) reveal("[data-copy]");
reveal("[data-print]");
document.addEventListener("click", clicked);
document.addEventListener("submit", submitted);
addEventListener("pageshow", shown);
