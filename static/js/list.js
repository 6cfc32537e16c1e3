/** One session's list on this device: who holds a ticket for it, as the server knew it a while ago. */

import { importKey } from "./ticket.js";

const PATIENCE = 15_000; // ms: a list of five thousand over a bad network

export class GateList {
  #code;
  #store;
  #kept;
  #key;
  #seats = new Map();
  #numbers = new Map();

  constructor(code, store) {
    this.#code = code;
    this.#store = store;
  }

  async load() {
    this.#take(await this.#store.list(this.#code));
  }

  get there() {
    return Boolean(this.#kept);
  }

  get session() {
    return this.#kept.session;
  }

  get size() {
    return this.#kept.seats.length;
  }

  /** When the server made it, by this device's clock. */
  get fetchedAt() {
    return this.#kept.fetchedAt;
  }

  /** The server's time, as far as this device can tell. */
  get now() {
    return Date.now() + (this.#kept?.ahead ?? 0);
  }

  bySeat(id) {
    return this.#seats.get(id);
  }

  byNumber(id) {
    return this.#numbers.get(id) ?? [];
  }

  key() {
    this.#key ??= importKey(this.#kept.key);
    return this.#key;
  }

  /** Fetches what is new: "online", "offline", "login", or "closed", when this device may not have it any more. */
  async refresh() {
    const known = await this.#store.answered(this.#code);
    const headers = this.#kept ? { "if-none-match": this.#kept.tag } : {};
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(`/gate/${this.#code}/list.json`, { headers, signal, cache: "no-store" }).catch(() => undefined);
    const state = stateOf(answer);
    if (state === "online") await this.#keep(answer, known);
    if (state === "closed") await this.wipe();
    return state;
  }

  async wipe() {
    await this.#store.wipe(this.#code);
    this.#take(undefined);
  }

  async #keep(answer, known) {
    if (answer.status === 304) {
      this.#kept = { ...this.#kept, fetchedAt: Date.now() };
    } else {
      const list = await answer.json();
      const ahead = Date.parse(list.made_at) - Date.now();
      const clock = Math.abs(ahead) > 60_000 ? ahead : 0; // less is the way through the network
      this.#take({ ...list, code: this.#code, tag: answer.headers.get("etag") ?? "", fetchedAt: Date.now(), ahead: clock });
    }
    await this.#store.putList(this.#kept, known);
  }

  #take(list) {
    this.#kept = list;
    this.#key = undefined;
    this.#seats = new Map(list?.seats.map((seat) => [seat.h, seat]));
    this.#numbers = new Map();
    for (const seat of list?.seats ?? []) this.#numbers.set(seat.n, [...this.byNumber(seat.n), seat]);
  }
}

/** What an answer in JSON, or none, says of this device's standing. */
export function stateOf(answer) {
  if (!answer) return "offline";
  if (answer.status === 401 || answer.redirected) return "login";
  // A hotel's network answers everything with a page of its own.
  const json = answer.headers.get("content-type")?.includes("json");
  if (json && (answer.status === 403 || answer.status === 404)) return "closed";
  return answer.status === 304 || (answer.ok && json) ? "online" : "offline";
}
