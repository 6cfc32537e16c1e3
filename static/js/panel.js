/** What the page says of the device: online or not, how old its list is, what waits, and what may be taken back. */

import { lineOf, secondOf, wordsFor } from "./answers.js";

const WAIT = 2500; // ms for the server's word on what was taken back
const COLOURS = { online: "open", offline: "waitlisted", login: "waitlisted", closed: "called_off" };

const part = (name) => document.querySelector(`[data-${name}]`);
const net = part("net");
const undo = part("undo");
const recent = document.querySelector("#recent");

export class Panel {
  #station;
  #desk;
  #told;
  #differed = 0;
  #answers = new Map();

  /** `told` hears undone(words, {holder, here, isNew}): here, if not by the server. */
  constructor(station, desk, told) {
    this.#station = station;
    this.#desk = desk;
    this.#told = told;
    undo.addEventListener("click", () => this.#undo());
    part("needs-network").hidden = location.hash !== "#network";
    part("station").hidden = false;
  }

  async show() {
    const { state, store, list } = this.#station;
    net.dataset.state = COLOURS[state];
    net.textContent = net.dataset[state];
    part("state-login").hidden = state !== "login";
    part("state-closed").hidden = state !== "closed";
    part("limits").hidden = !(this.#station.canJudge && state !== "online");
    part("no-store").hidden = Boolean(store);
    if (!store) return;
    this.#showList(list);
    await this.#showQueue();
    await this.#showUndo();
  }

  /** What the server said to scans that had waited. */
  brought(answers, scans) {
    answers.forEach((answer, n) => {
      this.#answers.set(answer.nonce, answer);
      if (scans[n].direction !== "undo" && differs(answer, scans[n])) this.#differ(answer, scans[n]);
    });
  }

  #showList(list) {
    const line = part("list");
    const { dataset } = line;
    line.textContent = list.there
      ? dataset.list.replace("{n}", list.size).replace("{at}", secondOf(list.fetchedAt).slice(0, 5)) : dataset.none;
  }

  async #showQueue() {
    const waiting = (await this.#station.waiting()).length;
    const line = part("queue");
    line.hidden = !waiting;
    line.textContent = line.dataset.queue.replace("{n}", waiting);
  }

  async #showUndo() {
    const last = await this.#desk.undoable();
    undo.hidden = !last;
    if (last) undo.textContent = undo.dataset.undo.replace("{who}", last.holder || undo.dataset.nameless);
  }

  async #undo() {
    undo.disabled = true;
    const done = await this.#desk.undo();
    const answer = done && this.#station.state === "online" && await this.#heard(done.nonce);
    undo.disabled = false;
    if (done) this.#told.undone(wordsOfUndo(answer), { holder: answer?.holder || done.holder, here: !answer, isNew: Boolean(done.isNew) });
    this.show();
  }

  #heard(nonce) {
    const late = new Promise((over) => { setTimeout(over, WAIT); });
    return Promise.race([late, this.#station.bring().then(() => this.#answers.get(nonce))]);
  }

  #differ(answer, scan) {
    this.#differed += 1;
    const box = part("differed");
    box.querySelector("span").textContent = box.dataset.differed.replace("{n}", this.#differed);
    box.hidden = false;
    if (answer.kind) recent.prepend(lineOf(answer, { ...answer, at: scan.device_at }));
  }
}

function differs({ verdict, problem }, { shown }) {
  return Boolean(problem) || verdict !== shown;
}

// What was refused says why.
function wordsOfUndo(answer) {
  return answer?.kind && answer.verdict !== "admitted" ? answer : wordsFor("undone");
}
