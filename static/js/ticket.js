/**
 * Tickets as lib/codes.py writes them, `<code>.<signature>`: read as strictly as there, and verified without asking
 * anybody. 26 signs of Crockford's base 32, and r‖s of ECDSA P-256 in base64url.
 */

const CODE = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const SIGNATURE = /^[\w-]{86}$/;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const HASH = { name: "ECDSA", hash: "SHA-256" };

/** {code, signature} out of a ticket or of its whole address; undefined when it is neither. */
export function readTicket(text) {
  const [code, signature, ...rest] = text.trim().split("/").at(-1).split(".");
  if (rest.length || !CODE.test(code) || !SIGNATURE.test(signature ?? "")) return undefined;
  const bytes = fromBase64(signature);
  // base64 has several spellings for the same bytes; only the one that was printed is the ticket.
  return toBase64(bytes) === signature ? { code, signature: bytes } : undefined;
}

/** The platform's key out of its base64 SubjectPublicKeyInfo. */
export function importKey(spki) {
  return crypto.subtle.importKey("spki", fromBase64(spki), CURVE, false, ["verify"]);
}

/** Whether the platform has issued this ticket. Says nothing about what became of it since. */
export function isGenuine(key, { code, signature }) {
  return crypto.subtle.verify(HASH, key, signature, new TextEncoder().encode(code));
}

function fromBase64(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function toBase64(bytes) {
  const plain = btoa(String.fromCharCode(...bytes));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
