/** Keeps this page on the device. Browsers without service workers, and private windows, have it from the network. */

export async function keepPage() {
  try {
    const registration = await navigator.serviceWorker.register("/gate/sw.js", { scope: "/gate/" });
    const worker = await grown(registration);
    worker?.postMessage({ keep: location.pathname });
  } catch { /* no https, or refused: works online */ }
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
