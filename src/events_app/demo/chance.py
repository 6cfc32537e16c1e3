"""Everything that looks accidental comes from a seed: the same demo on every machine."""

from random import Random

from events_app.lib.codes import ALPHABET, TICKET_LENGTH

_SEED = "劳动最光荣"


def seeded(*what: object) -> Random:
    """The dice for one purpose, untouched by how often others were thrown."""
    return Random("/".join(map(str, (_SEED, *what))))  # noqa: S311 a demo must be repeatable, not secret


def code(*what: object) -> str:
    """Looks like lib.codes.new_code."""
    return "".join(seeded(*what).choices(ALPHABET, k=8)).lower()


def ticket_code(random: Random) -> str:
    """128 bits in 26 characters, like lib.codes.new_ticket_code."""
    bits = random.getrandbits(128)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(5 * TICKET_LENGTH - 5, -1, -5))


def pin(random: Random) -> str:
    return f"{random.randrange(1_000_000):06}"
