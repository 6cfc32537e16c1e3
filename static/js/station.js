/**
 * A gate's standing with the server: "online", "offline", "login" (it asks who we are) or "closed" (this gate is not
 * ours any more). Looks for the server by itself, brings what waits, and fetches the list anew.
 */

import { GateList } from "./list.js";
import { Queue } from "./queue.js";
import { openStore } from "./store.js";

const LIST_EVERY = 60_000; // ms
const KEPT_FOR = 24 * 3_600_000; // ms after the doors have closed
const TRY_EVERY = 5000; // ms while the answer may change at any moment
const HOPEFUL = new Set(["offline", "login"]);

export class Station {
  state = navigator.onLine === false ? "offline" : "online";
  list;
  store;
  #code;
  #queue;
  #told;
  #next;
  #looking;

  /** `told` hears changed(), and brought(answers, scans) of what the server said to scans that had waited. */
  constructor(code, told) {
    this.#code = code;
    this.#told = told;
    addEventListener("online", () => this.look());
    addEventListener("offline", () => this.lost("offline"));
  }

  /** Without a store it stays as it is: online, as far as anybody can tell. */
  async open() {
    try {
      this.store = await openStore();
      await this.store.dropLists(Date.now() - KEPT_FOR);
      this.list = new GateList(this.#code, this.store);
      await this.list.load();
    } catch {
      this.store = this.list = undefined;
      return this.#told.changed();
    }
    navigator.storage?.persist?.().catch(() => {});
    this.#queue = new Queue(this.store, (...brought) => this.#told.brought(...brought));
    return this.look();
  }

  get canJudge() {
    return Boolean(this.list?.there);
  }

  waiting() {
    return this.#queue ? this.#queue.waiting() : [];
  }

  /** A question went unanswered. */
  lost(state) {
    if (!this.store || this.state === "closed") return;
    this.#become(state);
    this.#later();
  }

  /** The server answered a question. */
  heard() {
    if (this.state === "offline") this.look();
    if (this.state === "offline" && !this.canJudge) this.#become("online");
  }

  /** Brings what waits, then the list; now, not when it is due. */
  look() {
    this.#looking ??= this.#look().finally(() => { this.#looking = undefined; });
    return this.#looking;
  }

  /** Only what waits; true when nothing does any more. */
  async bring() {
    return (await this.#queue.bring()) === "online";
  }

  async #look() {
    clearTimeout(this.#next);
    if (!this.#queue) return;
    const brought = await this.#queue.bring();
    const fetched = brought === "online" || brought === "closed" ? await this.list.refresh().catch(() => "offline") : brought;
    // Without a list it is the scans that tell whether the server is there.
    if (fetched !== "offline" || this.canJudge) this.#become(fetched);
    this.#later();
  }

  #become(state) {
    this.state = state;
    this.#told.changed();
  }

  #later() {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.look(), HOPEFUL.has(this.state) ? TRY_EVERY : LIST_EVERY);
  }
}
