/** Questions of a form: those whose condition does not hold are hidden, and a file that is too large is told at once. */

const conditional = [...document.querySelectorAll("[data-only-if]")];

/** What is answered to a question that is shown itself; several values where several are ticked. */
function answers(name) {
  const boxes = [...document.getElementsByName(name)].filter((box) => !box.closest("[hidden]"));
  return boxes.filter((box) => !["radio", "checkbox"].includes(box.type) || box.checked).map((box) => box.value);
}

function show(part, wanted) {
  part.hidden = !wanted;
  for (const box of part.querySelectorAll("input, select, textarea")) {
    box.disabled = !wanted;
    if ("required" in part.dataset && box.type !== "hidden" && box.type !== "checkbox") box.required = wanted;
  }
}

/** In order, because what a condition looks at stands before it and may be hidden by now. */
function refresh() {
  for (const part of conditional) {
    show(part, answers(part.dataset.onlyIf).includes(part.dataset.onlyAnswer));
  }
}

function tooLarge(event) {
  const { largest, tooLarge: sentence } = event.target.dataset;
  if (!largest) return;
  const file = event.target.files[0];
  event.target.setCustomValidity(file && file.size > Number(largest) ? sentence : "");
  event.target.reportValidity();
}

for (const part of conditional) {
  part.querySelector(".only-if-hint").hidden = true;
}
refresh();
document.addEventListener("change", refresh);
document.addEventListener("change", tooLarge);
document.addEventListener("htmx:after:swap", refresh);
