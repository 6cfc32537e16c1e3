/** The reader on a thread of its own: pixels come, texts go, one picture after another. */

import { openReader } from "./reader.js";

let reader;

onmessage = async ({ data }) => {
  try {
    if (data.wasm) reader = openReader(data.wasm);
    const read = await reader;
    const texts = data.pixels ? await read(pictureOf(data)) : [];
    postMessage({ texts });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};

function pictureOf({ pixels, width, height }) {
  return new ImageData(new Uint8ClampedArray(pixels), width, height);
}
