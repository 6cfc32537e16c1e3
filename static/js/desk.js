/** What the gate does on its own: judges scans, writes them down before it answers, takes the last one back. */

import { newNonce } from "./courier.js";
import { identify, judge } from "./judge.js";

const UNDO_WITHIN = 15 * 60_000; // ms
const LONGEST = 500; // signs of what was scanned

export class Desk {
  #code;
  #station;
  #told;

  /** `told` hears judged({name, verdict, holder, unit, firstAt, at}), before that the scan is on the disk. */
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
    const scan = newScan(this.#code, fields.get("nonce"), text, direction, known?.id, { shown: verdict, offline: true });
    await store.addScan({ ...scan, waiting: 1 });
    const answer = { name: nameOf(verdict, direction, known), verdict, firstAt: verdict === "already_in" ? firstAt : "", ...whose(known), at: scan.device_at };
    if (verdict === "admitted") await this.#keepUndoable(scan, answer);
    this.#told.judged(answer, { isNew: verdict === "admitted" && direction === "in" && !firstAt });
    return true;
  }

  /** The server's answer, as far as the list does not know it yet. */
  async note(fields, { verdict, holder, at }) {
    const { list, store } = this.#station;
    if (!store) return;
    const text = fields.get("ticket");
    const known = list.there ? await identify(text, list) : undefined;
    const scan = newScan(this.#code, fields.get("nonce"), text, fields.get("direction"), known?.id, { shown: verdict, offline: false });
    if (verdict !== "admitted") return;
    await store.addScan({ ...scan, device_at: at });
    await this.#keepUndoable(scan, { holder });
  }

  /** The scan that may still be taken back: {nonce, holder, direction, at}. */
  async undoable() {
    const last = await this.#station.store?.undoable(this.#code);
    return last && Date.now() - last.at <= UNDO_WITHIN ? last : undefined;
  }

  /** Takes back what may be: resolves to {nonce, holder} of that, which now waits for the server; or to nothing. */
  async undo() {
    const last = await this.undoable();
    if (!last) return undefined;
    const { store, state } = this.#station;
    const how = { shown: "admitted", offline: state !== "online" };
    const scan = newScan(this.#code, newNonce(), last.ticket, "undo", last.seat, how);
    await store.addScan({ ...scan, undoes: last.nonce, undid: last.direction, waiting: 1 });
    await store.putUndoable(this.#code, undefined);
    return { holder: last.holder, nonce: scan.nonce };
  }

  #keepUndoable({ nonce, ticket, seat, direction }, { holder }) {
    return this.#station.store.putUndoable(this.#code, { nonce, ticket, seat, direction, holder, at: Date.now() });
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

function whose(known) {
  return { holder: known?.seat?.name, unit: known?.seat?.unit };
}
