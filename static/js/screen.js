/** The screen in the hall: new every three seconds; after ten without an answer it says so and takes the code away. */
import { stayAwake } from "./awake.js";

const EVERY = 3000;
const PATIENCE = 2500;
const OLD = 10000; // a code is good for longer: none that is shown is refused
const shown = document.querySelector("[data-screen]");
const off = document.querySelector("[data-screen-off]");
let heard = Date.now();

async function renew() {
  try {
    const answer = await fetch(shown.dataset.screen, { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.redirected || (answer.status >= 400 && answer.status < 500 && answer.status !== 429)) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    shown.innerHTML = await answer.text();
    heard = Date.now();
  } catch {
    // the next time: how old is what is shown tells whether to worry
  }
  tell();
  setTimeout(renew, EVERY);
}

function tell() {
  const connected = Date.now() - heard < OLD;
  off.hidden = connected;
  shown.hidden = !connected;
}

setTimeout(renew, EVERY);
setInterval(tell, 1000);
stayAwake();
