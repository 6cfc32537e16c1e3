/** Reads QR codes out of pictures. Fetched when the first picture is there: typing needs none of it. */

const FRAME = 960; // px on the long side: enough for a signed ticket, a third of the work of a full frame
const PHOTO = 2000; // a photo holds still, and its code may be small
const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryInvert: false };

const canvas = document.createElement("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
let loading;

/** Fetches the reader once; a failed attempt can be repeated. */
export function loadReader(wasm) {
  loading ??= fetchReader(wasm).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** The text of the code in this frame, or "". */
export async function readFrame(read, video) {
  return decode(read, video, video.videoWidth, video.videoHeight, FRAME);
}

/** The text of the code in this file, or ""; raises for a file that is no picture. */
export async function readPhoto(read, file) {
  const picture = await createImageBitmap(file);
  try {
    const { width, height } = picture;
    return await decode(read, picture, width, height, FRAME) || await decode(read, picture, width, height, PHOTO);
  } finally {
    picture.close();
  }
}

async function fetchReader(wasm) {
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing/reader/index.js");
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  return readBarcodes;
}

async function decode(read, source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const [code] = await read(pen.getImageData(0, 0, canvas.width, canvas.height), OPTIONS);
  return code?.text ?? "";
}
