/**
 * Brings scans to the server, one after another. A scan keeps its nonce for ever: when the answer is lost it is asked
 * for again with the same nonce, and the server gives the answer it gave before. Where the device can judge by itself
 * it does so as soon as the answer counts as lost; the queue then brings the scan, with that nonce.
 */

const PATIENCE = 6000; // ms until an answer counts as lost
const AT_THE_DOOR = 2500; // ms: the same, where the device can answer instead
const PAUSES = [300, 700, 1500, 3000, 6000]; // ms between two attempts; the last one repeats

export class Courier {
  #address;
  #told;
  #judge;
  #waiting = [];
  #running = false;

  /**
   * `told` hears asking(), delayed(reason, number waiting), answered(html, fields), turnedDown(), done().
   * `judge` is {ready, reachable, judge(fields, reason)}, the latter resolving to whether the device has answered.
   */
  constructor(address, told, judge) {
    this.#address = address;
    this.#told = told;
    this.#judge = judge;
  }

  get busy() {
    return this.#waiting.length > 0;
  }

  /** Takes a form's fields. What is on its way already is not sent again: its answer serves both. */
  send(fields) {
    const same = (other) => ["ticket", "direction"].every((name) => other.get(name) === fields.get(name));
    if (this.#waiting.some(same)) return;
    fields.set("nonce", newNonce());
    this.#waiting.push(fields);
    this.#run();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    while (this.busy) {
      this.#told.asking();
      await this.#settle(this.#waiting[0]);
      this.#waiting.shift();
    }
    this.#running = false;
    this.#told.done();
  }

  async #settle(scan) {
    for (let tries = 0; ; tries += 1) {
      const { html, lost } = this.#judge.reachable ? await this.#attempt(scan) : { lost: "offline" };
      if (html) return this.#told.answered(html, scan);
      if (!lost) return this.#told.turnedDown();
      if (await this.#judge.judge(scan, lost).catch(() => false)) return undefined; // false: a full disk, say
      this.#told.delayed(lost, this.#waiting.length);
      await pause(PAUSES[Math.min(tries, PAUSES.length - 1)]);
    }
  }

  /** `html` is the answer, empty when this page may not ask; `lost` says why there is none yet. */
  async #attempt(scan) {
    const body = new URLSearchParams(scan);
    const patience = this.#judge.ready ? AT_THE_DOOR : PATIENCE;
    try {
      return await impatiently(patience, (signal) => ask(this.#address, { method: "POST", body, signal }));
    } catch {
      return { lost: navigator.onLine === false ? "offline" : "slow" };
    }
  }
}

/** The gate's answer to a request for its part of the page. */
export async function ask(address, options) {
  const headers = { "HX-Request-Type": "partial" };
  const answer = await fetch(address, { ...options, headers });
  if (answer.redirected) return { lost: "login" };
  if (answer.status >= 500 || answer.status === 429) return { lost: "slow" };
  if (!answer.ok && answer.status !== 422) return { html: "" };
  const html = await answer.text();
  // A hotel's network answers everything with a page of its own.
  return html.includes('id="scan-result"') ? { html } : { lost: "slow" };
}

async function impatiently(patience, work) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    return await work(stop.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, but not longer than until the network is back. */
function pause(ms) {
  return new Promise((done) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      done();
    };
    const timer = setTimeout(over, ms);
    addEventListener("online", over);
  });
}

export function newNonce() {
  // Without HTTPS there is no randomUUID.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
