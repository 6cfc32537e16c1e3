/** Keeps this page on the device. Browsers without service workers, and private windows, have it from the network. */

let registration;

export async function keepPage() {
  try {
    registration = await navigator.serviceWorker.register("/gate/sw.js", { scope: "/gate/" });
    tell(await grown(registration), { keep: location.pathname });
  } catch { /* no https, or refused: works online */ }
}

export function forgetPage() {
  tell(registration?.active, { forget: location.pathname });
}

function tell(worker, what) {
  worker?.postMessage(what);
}

/** The first one is still being installed when the first page opens. */
function grown({ active, waiting, installing }) {
  if (active || waiting) return active ?? waiting;
  return new Promise((done) => {
    installing.addEventListener("statechange", () => {
      if (installing.state === "activated") done(installing);
      if (installing.state === "redundant") done(undefined);
    });
  });
}
