/**
 * Brings scans to the server, one after another. A scan keeps its nonce for ever: when the answer is lost it is asked
 * for again with the same nonce, and the server gives the answer it gave before.
 */

const PATIENCE = 6000; // ms until an answer counts as lost
const PAUSES = [300, 700, 1500, 3000, 6000]; // ms between two attempts; the last one repeats

export class Courier {
  #address;
  #told;
  #waiting = [];
  #running = false;

  /** `told` hears asking(), delayed(reason, number waiting), answered(html), turnedDown(), done(). */
  constructor(address, told) {
    this.#address = address;
    this.#told = told;
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
      const html = await this.#insist(this.#waiting[0]);
      this.#waiting.shift();
      if (html) this.#told.answered(html);
      else this.#told.turnedDown();
    }
    this.#running = false;
    this.#told.done();
  }

  async #insist(scan) {
    for (let tries = 0; ; tries += 1) {
      const { html, lost } = await this.#attempt(scan);
      if (!lost) return html;
      this.#told.delayed(lost, this.#waiting.length);
      await pause(PAUSES[Math.min(tries, PAUSES.length - 1)]);
    }
  }

  /** `html` is the answer, empty when this page may not ask; `lost` says why there is none yet. */
  async #attempt(scan) {
    const body = new URLSearchParams(scan);
    try {
      return await impatiently((signal) => ask(this.#address, { method: "POST", body, signal }));
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

async function impatiently(work) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
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

function newNonce() {
  // Without HTTPS there is no randomUUID.
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
