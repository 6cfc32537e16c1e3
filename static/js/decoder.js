/**
 * Reads QR codes out of pictures. Fetched when the first picture is there: typing needs none of it.
 * A worker reads, so that a slow phone's page stays quick; where none can be had, the page reads by itself.
 */

import { openReader } from "./reader.js";

const FRAME = 1280; // px on the long side: what cameras are asked for
const SMALL = 960; // enough for a signed ticket, and half the work: where the page itself has to do it
const PHOTO = 2000; // a photo holds still, and its code may be small
const PATIENCE = 8000; // ms until a worker counts as lost: it was not fetched, or a phone short of memory ended it

const canvas = document.createElement("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
let loading;

/** Fetches the reader once; a failed attempt can be repeated. */
export function loadReader({ wasm, worker }) {
  loading ??= fetchReader(wasm, worker).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** The texts of the codes in this frame. */
export async function readFrame(reader, video) {
  const longest = reader.apart ? FRAME : SMALL;
  return reader.read(pixelsOf(video, video.videoWidth, video.videoHeight, longest));
}

/** The text of the code in this file, or ""; raises for a file that is no picture. */
export async function readPhoto(reader, file) {
  const picture = await createImageBitmap(file);
  try {
    for (const longest of [SMALL, PHOTO]) {
      const [text] = await reader.read(pixelsOf(picture, picture.width, picture.height, longest));
      if (text) return text;
    }
    return "";
  } finally {
    picture.close();
  }
}

function pixelsOf(source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  resize(Math.round(width * scale), Math.round(height * scale));
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

// Setting a size clears and allocates, even when it is the same one.
function resize(width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** `apart`: the page does not wait while it reads. */
async function fetchReader(wasm, address) {
  try {
    const thread = new Thread(address);
    await thread.ask({ wasm: new URL(wasm, location.href).href });
    return { apart: true, read: (picture) => readApart(thread, picture) };
  } catch {
    return { apart: false, read: await openReader(wasm) };
  }
}

async function readApart(thread, { data: { buffer: pixels }, width, height }) {
  try {
    return (await thread.ask({ pixels, width, height }, [pixels])).texts;
  } finally {
    if (thread.over) loading = undefined; // the next picture gets another one
  }
}

/** A worker that answers one question after another, until it is `over`. */
class Thread {
  over = false;
  #worker;
  #last = Promise.resolve();

  constructor(address) {
    this.#worker = new Worker(address, { type: "module" });
  }

  /** Raises when the worker cannot be loaded, or cannot do it. */
  ask(question, transfer = []) {
    const answer = this.#last.then(() => this.#put(question, transfer));
    this.#last = answer.catch(() => {});
    return answer;
  }

  #put(question, transfer) {
    return new Promise((done, fail) => {
      const end = (error) => {
        clearTimeout(timer);
        this.#worker.terminate();
        this.over = true;
        fail(error);
      };
      const timer = setTimeout(() => end(new Error("no answer")), PATIENCE);
      this.#worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        if (data.error) fail(new Error(data.error));
        else done(data);
      };
      this.#worker.onerror = (event) => {
        event.preventDefault(); // the page does without
        end(new Error(event.message || "worker"));
      };
      this.#worker.postMessage(question, transfer);
    });
  }
}
