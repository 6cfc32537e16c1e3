/** What the gate does on its own: judges scans, writes them down before it answers, takes the last one back. */

import { newNonce } from "./courier.js";
import { identify, judge } from "./judge.js";

const UNDO_WITHIN = 15 * 60_000; // ms
const LONGEST = 500; // signs of what was scanned

export class Desk {
  #code;
  #station;
  #told;

  /** `told` hears judged({name, holder, unit, firstAt, at}, isNew: who came for the first time); before that it is on the disk. */
  constructor(code, station, told) {
    this.#code = code;
    this.#station = station;
    this.#told = told;
  }

  /** For the courier: whether this device can answer. */
  get ready() {
    return this.#station.canJudge;
  }

  get reachable() {
    return !this.ready || this.#station.state === "online";
  }

  async judge(fields, reason) {
    this.#station.lost(reason === "login" ? "login" : "offline");
    if (!this.ready) return false;
    const { list, store } = this.#station;
    const text = fields.get("ticket");
    const direction = fields.get("direction");
    const known = await identify(text, list);
    const deeds = known ? await store.scansOf(this.#code, known.id) : [];
    const { verdict, firstAt } = judge(list.session, known, deeds, direction, list.now);
    const isNew = verdict === "admitted" && direction === "in" && !firstAt;
    const how = { shown: verdict, offline: true, isNew, place: fields.get("place") };
    const scan = newScan(this.#code, fields.get("nonce"), text, direction, known?.id, how);
    await store.addScan({ ...scan, waiting: 1 });
    const answer = {
      name: nameOf(verdict, direction, known),
      holder: known?.seat?.name,
      unit: known?.seat?.unit,
      firstAt: verdict === "already_in" ? firstAt : "",
      at: scan.device_at,
    };
    if (verdict === "admitted") await this.#keepUndoable(scan, answer);
    this.#told.judged(answer, isNew);
    return true;
  }

  /** The server's answer, as far as the list does not know it yet. */
  async note(fields, { verdict, first }) {
    const { list, store } = this.#station;
    if (!store || verdict !== "admitted") return;
    const text = fields.get("ticket");
    const known = list.there ? await identify(text, list) : undefined;
    const how = { shown: verdict, offline: false, isNew: first !== undefined };
    const scan = newScan(this.#code, fields.get("nonce"), text, fields.get("direction"), known?.id, how);
    await store.addScan(scan);
    await this.#keepUndoable(scan, { holder: known?.seat?.name }); // as the list has it: not the whole name
  }

  /** How many have come, as far as this device knows. */
  async count() {
    const { list, store } = this.#station;
    const since = await store.scansIn(this.#code); // what the list does not know
    const undone = new Set(since.map((scan) => scan.undoes));
    return list.session.attended + since.filter((scan) => scan.isNew && !undone.has(scan.nonce)).length;
  }

  /** The scan that may still be taken back: {nonce, holder, direction, at}. */
  async undoable() {
    const last = await this.#station.store?.undoable(this.#code);
    return last && Date.now() - last.at <= UNDO_WITHIN ? last : undefined;
  }

  /** Takes back what may be: resolves to {nonce, holder, isNew}, which now waits for the server; or to nothing. */
  async undo() {
    const last = await this.undoable();
    if (!last) return undefined;
    const { store, state } = this.#station;
    const how = { shown: "admitted", offline: state !== "online" };
    const scan = newScan(this.#code, newNonce(), last.ticket, "undo", last.seat, how);
    await store.addScan({ ...scan, undoes: last.nonce, undid: last.direction, waiting: 1 });
    await store.putUndoable(this.#code, undefined);
    return { holder: last.holder, isNew: last.isNew, nonce: scan.nonce };
  }

  #keepUndoable({ nonce, ticket, seat, direction, isNew }, { holder }) {
    return this.#station.store.putUndoable(this.#code, { nonce, ticket, seat, direction, isNew, holder, at: Date.now() });
  }
}

function newScan(code, nonce, text, direction, seat, how) {
  return { code, seat: seat ?? "", nonce, ticket: text.slice(0, LONGEST), direction, device_at: new Date().toISOString(), ...how };
}

function nameOf(verdict, direction, known) {
  if (verdict !== "admitted") return verdict;
  if (direction === "out") return "left";
  return known.seat ? "admitted" : "unlisted";
}
