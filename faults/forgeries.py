"""Tickets that nobody issued, made of genuine ones: bent, swapped, respelled, cut, blown up, signed by another key."""

import string
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from events_app.lib import codes

_BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
_OTHER_KEYS = [codes.Signer(f"somebody else's key {n}".encode()) for n in range(4)]
# What a human eye takes for a letter of the alphabet, a printer for another sign, and Unicode for neither.
_LOOK_ALIKES = {
    "0": "OoОο०", "1": "IlI|Ⅰ", "8": "B", "B": "8ВΒ", "5": "S", "S": "5Ѕ", "2": "Z", "Z": "2Ζ", "A": "АΑ",
    "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "K": "КΚ", "M": "МΜ", "N": "Ν", "P": "РΡ", "T": "ТΤ", "V": "Ⅴ", "X": "ХΧ",
    "Y": "УΥ", "W": "Ԝ", "G": "6Ԍ", "6": "G", "D": "OÐ", "Q": "O0", "J": "Ј",
}  # fmt: skip
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2028\x00\x01\x1b\x7f\n\t \u3000"
_INJECTIONS = [
    "' OR 'a'='a", "%' --", "'; DROP TABLE seat; --", '{"$ne":null}', "${code}", "{{code}}", "../../t/", "%00", "\\0",
    "*", "%", "_", "\x00", "null", "undefined", "NaN", "true", "[]", "{}", "-1", "1e9", "javascript:alert(1)", "=1+1",
]  # fmt: skip
_HUGE = 20_000  # characters


@dataclass(frozen=True)
class Ticket:
    code: str
    signature: bytes

    @property
    def text(self) -> str:
        return codes.ticket_text(self.code, self.signature)


Forger = Callable[[Ticket, Ticket, Random], str]


def forgeries(tickets: Sequence[Ticket], count: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Kind and text, one kind after another; never what is a genuine ticket after all, or its number."""
    chance = Random(seed)
    genuine = {ticket.text for ticket in tickets}
    numbers = {ticket.code[: codes.NUMBER_LENGTH] for ticket in tickets}
    kinds = list(KINDS)
    made = 0
    while made < count:
        kind = kinds[made % len(kinds)]
        mine = tickets[made % len(tickets)]
        other = tickets[chance.randrange(len(tickets))]
        text = KINDS[kind](mine, other, chance)
        if _is_genuine(text, genuine, numbers):
            text = random_ticket(mine, other, chance)
        yield kind, text
        made += 1


def _is_genuine(text: str, genuine: set[str], numbers: set[str]) -> bool:
    """The same signs in another wrapping are the same ticket; eight of them are the number that people read out."""
    plain = unicodedata.normalize("NFC", text).strip().rsplit("/", 1)[-1]
    number = "".join(sign for sign in text.upper() if sign.isalnum()).translate(str.maketrans("ILO", "110"))
    return plain in genuine or number in numbers


def bent_code(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """One bit of the 130 that the code's signs stand for."""
    at, bit = chance.randrange(len(mine.code)), 1 << chance.randrange(5)
    sign = codes.ALPHABET[codes.ALPHABET.index(mine.code[at]) ^ bit]
    return _text(mine.code[:at] + sign + mine.code[at + 1 :], mine.signature)


def bent_signature(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """One bit of 512."""
    bits = int.from_bytes(mine.signature) ^ 1 << chance.randrange(512)
    return _text(mine.code, bits.to_bytes(64))


def bent_byte(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """One sign of the whole text, whatever it becomes."""
    at = chance.randrange(len(mine.text))
    return mine.text[:at] + chr(chance.randrange(1, 0x3000)) + mine.text[at + 1 :]


def borrowed_signature(mine: Ticket, other: Ticket, _chance: Random) -> str:
    return _text(mine.code, bytes(64) if other == mine else other.signature)


def half_borrowed(mine: Ticket, other: Ticket, chance: Random) -> str:
    """r of one signature with s of another."""
    if other == mine:
        return _text(mine.code, mine.signature[32:] + mine.signature[:32])
    halves = (mine.signature[:32], other.signature[32:]), (other.signature[:32], mine.signature[32:])
    return _text(mine.code, b"".join(chance.choice(halves)))


def spliced_code(mine: Ticket, other: Ticket, chance: Random) -> str:
    """The beginning of one, so its number is right, and the end of another."""
    at = chance.randrange(1, len(mine.code))
    return _text(mine.code[:at] + other.code[at:], chance.choice((mine, other)).signature)


def other_key(mine: Ticket, _other: Ticket, chance: Random) -> str:
    return _text(mine.code, chance.choice(_OTHER_KEYS).sign(mine.code))


def new_code_other_key(_mine: Ticket, _other: Ticket, chance: Random) -> str:
    code = _code(chance)
    return _text(code, chance.choice(_OTHER_KEYS).sign(code))


def random_ticket(_mine: Ticket, _other: Ticket, chance: Random) -> str:
    return _text(_code(chance), chance.randbytes(64))


def special_numbers(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """r and s at the edges of what they may be: 0 (CVE-2022-21449), 1, the order of the curve and beside it."""
    edges = 0, 1, _ORDER - 1, _ORDER, _ORDER + 1, 2**256 - 1, int.from_bytes(mine.signature[:32])
    r, s = chance.choice(edges[:-1]), chance.choice(edges)
    return _text(mine.code, r.to_bytes(32) + s.to_bytes(32))


def mirrored_signature(mine: Ticket, _other: Ticket, _chance: Random) -> str:
    """(r, n-s): to mathematics as good as (r, s), to us another text than the one that was issued."""
    s = _ORDER - int.from_bytes(mine.signature[32:])
    return _text(mine.code, mine.signature[:32] + s.to_bytes(32))


def other_case(mine: Ticket, _other: Ticket, chance: Random) -> str:
    code, _dot, signature = mine.text.partition(".")
    at = chance.randrange(len(signature))
    bent = signature[:at] + signature[at].swapcase() + signature[at + 1 :]
    spellings = [
        f"{code.lower()}.{signature}",
        f"{code.title()}.{signature}",
        mine.text.lower(),
        mine.text.upper(),
    ]
    return chance.choice([*spellings, f"{code}.{bent}", f"{code}.{signature.swapcase()}"])


def other_base64(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """Spellings that a lenient reader takes for the same bytes."""
    code, _dot, signature = mine.text.partition(".")
    last = _BASE64.index(signature[-1])
    spare = signature[:-1] + _BASE64[last ^ chance.randrange(1, 16)]  # the four bits that stand for nothing
    plain = signature.replace("-", "+").replace("_", "/")
    spellings = [
        spare,
        signature + "==",
        signature + "=",
        spare + "==",
        plain,
        signature + "A",
        signature + "!",
    ]
    return f"{code}.{chance.choice(spellings)}"


def other_encoding(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """Hexadecimal, DER, percent signs, another dot."""
    r, s = (int.from_bytes(half) for half in (mine.signature[:32], mine.signature[32:]))
    der = b"\x30\x46\x02\x21\x00" + r.to_bytes(32) + b"\x02\x21\x00" + s.to_bytes(32)
    encoded = (
        mine.signature.hex(),
        urlsafe_b64encode(der).decode(),
        "".join(f"%{b:02X}" for b in mine.signature),
    )
    if chance.random() < 0.5:
        return f"{mine.code}.{chance.choice(encoded)}"
    return mine.text.replace(".", chance.choice(["%2E", "．", "。", "·", "..", "", ":", ".."]), 1)


def look_alike(mine: Ticket, _other: Ticket, chance: Random) -> str:
    places = [at for at, sign in enumerate(mine.code) if sign in _LOOK_ALIKES]
    if not places:
        return mine.text[::-1]
    at = chance.choice(places)
    return mine.text[:at] + chance.choice(_LOOK_ALIKES[mine.code[at]]) + mine.text[at + 1 :]


def full_width(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """Every sign, or one, as input methods write it: NFKC would make it genuine again."""
    at = chance.randrange(len(mine.text))
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in mine.text)
    return chance.choice([wide, mine.text[:at] + wide[at] + mine.text[at + 1 :]])


def invisible(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """A sign that nobody sees, NUL among them, inside the code or the signature."""
    at = chance.randrange(1, len(mine.text))
    return mine.text[:at] + chance.choice(_INVISIBLE) + mine.text[at:]


def cut(mine: Ticket, _other: Ticket, chance: Random) -> str:
    """The beginning, the end or the middle of it."""
    start, end = sorted(chance.sample(range(len(mine.text) + 1), 2))
    return chance.choice(
        [mine.text[:end], mine.text[start:], mine.text[start:end], mine.code, f"{mine.code}."]
    )


def too_much(mine: Ticket, other: Ticket, chance: Random) -> str:
    more = mine.code + mine.text, mine.text + other.text, f"{mine.text}.{other.text}", f"{mine.text}?a=1"
    endings = f"{mine.text}#{other.code}", f"{mine.text}&code={other.code}", f"{mine.text}\n{other.text}x"
    return chance.choice([*more, *endings, mine.text + mine.text[-1]])


def huge(mine: Ticket, _other: Ticket, chance: Random) -> str:
    sign = chance.choice("A0.=/票\x00")
    length = chance.choice([500, 501, _HUGE])
    return chance.choice([sign * length, mine.text + sign * length, f"{mine.code}.{'A' * length}"])


def injection(mine: Ticket, _other: Ticket, chance: Random) -> str:
    word = chance.choice(_INJECTIONS)
    return chance.choice(
        [word, mine.code + word, f"{mine.code}.{word}", f"{word}.{mine.text.partition('.')[2]}"]
    )


def upside_down(mine: Ticket, other: Ticket, chance: Random) -> str:
    code, _dot, signature = mine.text.partition(".")
    signs = list(code)
    chance.shuffle(signs)
    mixed = "".join(signs) + "." + signature if signs != list(code) else code[::-1] + "." + signature
    return chance.choice(
        [f"{signature}.{code}", mine.text[::-1], mixed, f"{code}/{signature}", f"{code}.{other.code}"]
    )


def noise(_mine: Ticket, _other: Ticket, chance: Random) -> str:
    return "".join(chr(chance.randrange(1, 0xD800)) for _sign in range(chance.randrange(1, 140)))


KINDS: dict[str, Forger] = {
    forger.__name__: forger
    for forger in (
        bent_code, bent_signature, bent_byte, borrowed_signature, half_borrowed, spliced_code, other_key,
        new_code_other_key, random_ticket, special_numbers, mirrored_signature, other_case, other_base64,
        other_encoding, look_alike, full_width, invisible, cut, too_much, huge, injection, upside_down, noise,
    )
}  # fmt: skip
# (r, n-s) is as good a signature of the same code as (r, s): who can make it holds the ticket, and nobody else comes
# in by it. The server, which compares with what it issued, refuses it; a gate without network cannot tell.
SAME_TICKET = {"mirrored_signature"}


def _text(code: str, signature: bytes) -> str:
    return codes.ticket_text(code, signature)


def _code(chance: Random) -> str:
    return "".join(chance.choice(codes.ALPHABET) for _sign in range(codes.TICKET_LENGTH))
