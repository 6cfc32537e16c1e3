/** The QR reader itself, on whatever thread it is opened. */

// A code on the wall behind the guest must not hide the guest's.
const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 3, tryInvert: false };

/** Resolves to a function from ImageData to the texts of the codes in it. */
export async function openReader(wasm) {
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing/reader/index.js");
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  return async (pixels) => {
    const codes = await readBarcodes(pixels, OPTIONS);
    return codes.map((code) => code.text).filter(Boolean);
  };
}
