/** Brings the scans that wait on this device to the server, in their order, as often as it takes. */

import { stateOf } from "./list.js";

const MOST = 200; // scans in one request
const PATIENCE = 20_000; // ms

export class Queue {
  #store;
  #told;
  #running;

  /** `told(answers, scans)` hears what the server said, answers in the order of the scans; those are settled. */
  constructor(store, told) {
    this.#store = store;
    this.#told = told;
  }

  waiting() {
    return this.#store.waiting();
  }

  /** "online" when nothing waits any more, else why: "offline", "login", "closed". Two calls at once are one. */
  bring() {
    this.#running ??= this.#bring().catch(() => "offline").finally(() => { this.#running = undefined; });
    return this.#running;
  }

  async #bring() {
    let worst = "online";
    for (const [code, scans] of groups(await this.waiting())) {
      for (let first = 0; first < scans.length; first += MOST) {
        const state = await this.#send(code, scans.slice(first, first + MOST));
        if (state === "offline" || state === "login") return state;
        if (state === "closed") worst = state; // another session's scans may still go
      }
    }
    return worst;
  }

  async #send(code, scans) {
    const body = JSON.stringify({ sent_at: new Date().toISOString(), scans: scans.map(sent) });
    const signal = AbortSignal.timeout(PATIENCE);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`/gate/${code}/sync`, { method: "POST", body, headers, signal }).catch(() => undefined);
    const state = stateOf(answer);
    if (state === "online") await this.#settle(code, scans, await answer.json());
    return state;
  }

  async #settle(code, scans, { answers, session }) {
    const byNonce = new Map(answers.map((answer) => [answer.nonce, answer]));
    const answered = scans.filter((scan) => byNonce.has(scan.nonce));
    await this.#store.settle(answered.map((scan) => heard(scan, byNonce.get(scan.nonce))));
    this.#told(answered.map((scan) => byNonce.get(scan.nonce)), answered, code, session);
  }
}

function groups(scans) {
  const found = new Map();
  for (const scan of scans) found.set(scan.code, [...(found.get(scan.code) ?? []), scan]);
  return found;
}

// What was taken back in vain has not happened.
function heard(scan, { verdict }) {
  return scan.direction === "undo" && verdict !== "admitted" ? { ...scan, shown: verdict ?? "refused" } : scan;
}

function sent({ ticket, nonce, direction, device_at, offline, shown, undoes, place }) {
  return { ticket, nonce, direction, device_at, offline, shown, undoes, place };
}
