/**
 * The service worker of /gate/: keeps the gate's pages and all they are made of, so that they open without network.
 * It is served as /gate/sw.js, where two lines stand before these: SHELL, addresses with their digests, and VERSION.
 * Lists and scans are none of its business; they go to the network or are the page's own (store.js).
 */

const FILES = `gate-files-${VERSION}`;
const PAGES = "gate-pages";
const PATIENCE = 4000; // ms for a page that may be had from here
const ANY = { ignoreSearch: true, ignoreVary: true };
const SAME = { ignoreVary: true };
const KEPT = /^\/gate\/(?:[0-9a-z]+\/?)?$/;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(SHELL)));
});

addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

addEventListener("message", (event) => {
  event.waitUntil(keep(event.data.keep));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (/^(?:\/gate)?\/static\//.test(pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request, pathname));
});

async function takeOver() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("gate-files-") && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
  const pages = await caches.open(PAGES);
  // Pages that name the files of the version before.
  for (const { url } of await pages.keys()) await keep(new URL(url).pathname);
}

/** The file of just this digest; without network the one we have of that name. Workers ask without a digest. */
async function file(request) {
  const address = new URL(request.url);
  address.pathname = address.pathname.replace(/^\/gate(?=\/static\/)/, "");
  const files = await caches.open(FILES);
  const kept = await files.match(address, address.search ? SAME : ANY);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (lost) {
    return (await files.match(address, ANY)) ?? Promise.reject(lost);
  }
}

async function page(request, pathname) {
  const kept = await ours(pathname);
  try {
    const answer = await fetch(request, kept && { signal: AbortSignal.timeout(PATIENCE) });
    return kept && answer.status >= 500 ? kept : answer;
  } catch (lost) {
    return kept ?? instead(pathname, lost);
  }
}

async function ours(pathname) {
  const pages = await caches.open(PAGES);
  return pages.match(pathname.replace(/(.)\/$/, "$1"), ANY);
}

/** A page that needs the network: the gate's own one says so. */
async function instead(pathname, lost) {
  const [, code] = /^\/gate\/([0-9a-z]+)\/./.exec(pathname) ?? [];
  if (code && await ours(`/gate/${code}`)) return Response.redirect(`/gate/${code}#network`);
  throw lost;
}

/** Without the names of those who came last: what stays on the device names nobody. */
async function keep(pathname) {
  if (!KEPT.test(pathname)) return;
  const address = pathname.replace(/(.)\/$/, "$1");
  const answer = await fetch(pathname, { headers: { "gate-shell": "1" }, cache: "no-store" }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return;
  const pages = await caches.open(PAGES);
  await pages.put(address, answer);
}
