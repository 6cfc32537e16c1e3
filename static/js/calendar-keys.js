/**
 * A key follows the link that names it in data-key. Single letters can be in the way of those who speak to their
 * computer, so they can be switched off, and stay off.
 */

const OFF = "calendar-keys-off";
const toggle = document.querySelector("[data-keys-toggle]");

function isOff() {
  try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
}

function show() {
  toggle.textContent = isOff() ? toggle.dataset.on : toggle.dataset.off;
}

function switched() {
  if (isOff()) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
  show();
}

/** Where keys have another meaning, or belong to the browser. */
function isTaken(event) {
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  return modified || event.defaultPrevented || event.target.closest("input, select, textarea, dialog, [role=region]");
}

function pressed(event) {
  if (isTaken(event) || isOff()) return;
  const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
}

document.addEventListener("keydown", pressed);
if (toggle) {
  show();
  toggle.hidden = false;
  toggle.addEventListener("click", switched);
}
