/**
 * The verdict of a device without network, from the session's list as it was last fetched and from what this device
 * itself did since. The rules are those of queries/admitting.py; what other gates did meanwhile it cannot know.
 */

import { isGenuine, readTicket } from "./ticket.js";

const OUT_AFTERWARDS = 3_600_000; // ms: who goes out may do so an hour after the doors have closed
const HOLDS = { released: "cancelled", waitlisted: "waitlisted", offered: "waitlisted", pending: "pending", entered: "pending" };
const NUMBER = /^[0-9A-HJKMNP-TV-Z]{8}$/;
const MISREAD = { I: "1", L: "1", O: "0" };

/**
 * What was scanned or typed: {id, seat}. `id` is the seat's name on the list, `seat` its line there, none for a ticket
 * of ours that the list lacks; undefined for what is no ticket. `list` is a GateList that is there.
 */
export async function identify(text, list) {
  const number = readNumber(text);
  if (number) {
    const seats = list.byNumber(await digest(`number:${number}`));
    return seats.length === 1 ? { id: seats[0].h, seat: seats[0] } : undefined;
  }
  const ticket = readTicket(text);
  if (!ticket || !await isGenuine(await list.key(), ticket)) return undefined;
  const id = await digest(ticket.code);
  return { id, seat: list.bySeat(id) };
}

/** {verdict, firstAt}; `deeds` are this device's scans of the seat that the list does not know, in order. */
export function judge(session, known, deeds, direction, now) {
  if (!known) return { verdict: "unknown" };
  const { inside, firstAt } = standing(known.seat, deeds);
  return { verdict: verdictOn(session, known.seat, inside, direction, now), firstAt };
}

function verdictOn(session, seat, inside, direction, now) {
  if (session.called_off) return "cancelled";
  if (seat && HOLDS[seat.state]) return HOLDS[seat.state];
  if (!isOpen(session, direction, now)) return "not_open";
  if (direction === "in" && inside) return "already_in";
  if (direction === "out" && !inside) return "not_in";
  return "admitted";
}

function isOpen(session, direction, now) {
  const longer = direction === "out" ? OUT_AFTERWARDS : 0;
  return !session.postponed && Date.parse(session.check_in_opens_at) <= now
    && now <= Date.parse(session.check_in_closes_at) + longer;
}

/** Whether its holder is in, and since when they were first. */
export function standing(seat, deeds) {
  const undone = new Set(deeds.filter((deed) => deed.undoes && deed.shown === "admitted").map((deed) => deed.undoes));
  let now = { inside: seat?.inside ?? false, firstAt: seat?.at ?? undefined };
  for (const deed of deeds) {
    if (deed.shown !== "admitted" || undone.has(deed.nonce)) continue;
    if (deed.direction === "undo") now = takenBack(now, deed, deeds);
    else now = { inside: deed.direction === "in", firstAt: now.firstAt ?? deed.device_at };
  }
  return now;
}

// What is undone here was never counted above, unless the list knew of it already.
function takenBack(now, undo, deeds) {
  if (deeds.some((deed) => deed.nonce === undo.undoes)) return now;
  return undo.undid === "out" ? { ...now, inside: true } : { inside: false, firstAt: undefined };
}

function readNumber(text) {
  const signs = Array.from(text.toUpperCase()).filter((sign) => /[\p{L}\p{N}]/u.test(sign));
  const number = signs.map((sign) => MISREAD[sign] ?? sign).join("");
  return NUMBER.test(number) ? number : undefined;
}

/** As the list names tickets: 16 bytes of SHA-256 in base64url. */
async function digest(text) {
  const whole = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const plain = btoa(String.fromCharCode(...new Uint8Array(whole, 0, 16)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
