/** Keeps the screen on while somebody stands at the door, with a camera or without. */

let lock;

export function stayAwake() {
  ask();
  // The browser lets go of it whenever the page is hidden, and gives none to a hidden page.
  document.addEventListener("visibilitychange", ask);
}

async function ask() {
  if (document.hidden || !navigator.wakeLock || (lock && !lock.released)) return;
  lock = await navigator.wakeLock.request("screen").catch(() => undefined); // low battery: the screen may sleep
}
