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

// Copying needs HTTPS: without it the link beside the button is what people use.
if (navigator.clipboard) reveal("[data-copy]");
reveal("[data-print]");
document.addEventListener("click", clicked);
