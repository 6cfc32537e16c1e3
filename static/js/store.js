/**
 * What a gate keeps on its device: one list for each session, and scans until the server's list knows of them.
 * A scan is {order, nonce, code, seat, ticket, direction, undoes, device_at, shown, offline, place, waiting}; `waiting` is 1
 * until the server has answered it, and then not there.
 */

const NAME = "gate";
const VERSION = 1;

/** Raises where the browser refuses to keep anything, as some do in private windows. */
export async function openStore() {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => build(opening.result);
  const db = await settled(opening);
  db.onversionchange = () => db.close(); // a newer page opens in another tab
  return new Store(db);
}

function build(db) {
  db.createObjectStore("lists", { keyPath: "code" });
  db.createObjectStore("undoable", { keyPath: "code" });
  const scans = db.createObjectStore("scans", { keyPath: "order", autoIncrement: true });
  scans.createIndex("nonce", "nonce", { unique: true });
  scans.createIndex("seat", ["code", "seat"]);
  scans.createIndex("waiting", "waiting");
}

class Store {
  #db;

  constructor(db) {
    this.#db = db;
  }

  list(code) {
    return this.#read("lists", (lists) => lists.get(code));
  }

  /** The new list knows of all that was answered before it was asked for (`known`, orders of scans). */
  putList(list, known) {
    return this.#write(["lists", "scans"], (lists, scans) => {
      lists.put(list);
      for (const order of known) scans.delete(order);
    });
  }

  /** Unsent scans stay. */
  wipe(code) {
    return this.#write(["lists", "undoable"], (lists, undoable) => {
      lists.delete(code);
      undoable.delete(code);
    });
  }

  /** Resolves when it is on the disk: nobody is let in by what may be forgotten. */
  addScan(scan) {
    return this.#write(["scans"], (scans) => scans.add(scan));
  }

  scansOf(code, seat) {
    return this.#read("scans", (scans) => scans.index("seat").getAll([code, seat]));
  }

  waiting() {
    return this.#read("scans", (scans) => scans.index("waiting").getAll());
  }

  /** The orders of the session's scans that the server has answered. */
  async answered(code) {
    const scans = await this.scansIn(code);
    return scans.filter((scan) => !scan.waiting).map((scan) => scan.order);
  }

  scansIn(code) {
    return this.#read("scans", (scans) => scans.index("seat").getAll(IDBKeyRange.bound([code], [code, []])));
  }

  /** `scans` as the server has them now; their tickets are needed no more. */
  settle(scans) {
    return this.#write(["scans"], (store) => {
      for (const { waiting, ticket, ...scan } of scans) store.put(scan);
    });
  }

  /** Lists of doors that closed before this moment, in ms. */
  async dropLists(before) {
    const lists = await this.#read("lists", (all) => all.getAll());
    const old = lists.filter(({ session }) => Date.parse(session.check_in_closes_at) < before);
    await Promise.all(old.map(({ code }) => this.wipe(code)));
  }

  undoable(code) {
    return this.#read("undoable", (undoable) => undoable.get(code));
  }

  putUndoable(code, scan) {
    return this.#write(["undoable"], (undoable) => (scan ? undoable.put({ ...scan, code }) : undoable.delete(code)));
  }

  #read(name, ask) {
    return settled(ask(this.#db.transaction(name).objectStore(name)));
  }

  #write(names, change) {
    const work = this.#db.transaction(names, "readwrite", { durability: "strict" });
    change(...names.map((name) => work.objectStore(name)));
    return new Promise((done, fail) => {
      work.oncomplete = () => done();
      work.onabort = () => fail(work.error);
    });
  }
}

function settled(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
    request.onblocked = () => fail(new Error("blocked"));
  });
}
