/** The screen in the hall: new every three seconds; without network it says so and shows no code that is out of date. */
import { stayAwake } from "./awake.js";

const EVERY = 3000;
const PATIENCE = 2500;
const shown = document.querySelector("[data-screen]");
const off = document.querySelector("[data-screen-off]");

async function renew() {
  try {
    const answer = await fetch(shown.dataset.screen, { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.redirected || (answer.status >= 400 && answer.status < 500 && answer.status !== 429)) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    shown.innerHTML = await answer.text();
    tell(true);
  } catch {
    tell(false);
  }
  setTimeout(renew, EVERY);
}

function tell(connected) {
  off.hidden = connected;
  shown.hidden = !connected;
}

setTimeout(renew, EVERY);
stayAwake();
