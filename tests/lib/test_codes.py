"""Codes, and the signature that a gate can check alone."""

from collections import Counter

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from events_app.lib import codes
from events_app.lib.codes import ALPHABET, Signer, read_ticket, read_ticket_number, ticket_text

SIGNER = Signer(b"0" * 64)
CODE = codes.new_ticket_code()


def test_signature_verifies_as_ecdsa_p256_over_the_code() -> None:
    signature = SIGNER.sign(CODE)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])

    SIGNER._key.public_key().verify(encode_dss_signature(r, s), CODE.encode(), ec.ECDSA(hashes.SHA256()))


def test_every_node_signs_alike_and_other_keys_do_not() -> None:
    assert Signer(b"0" * 64).sign(CODE) == SIGNER.sign(CODE)
    assert Signer(b"1" * 64).sign(CODE) != SIGNER.sign(CODE)


def test_ticket_reads_back_from_text_and_address() -> None:
    text = ticket_text(CODE, SIGNER.sign(CODE))

    assert len(text) == 26 + 1 + 86
    assert (
        read_ticket(text)
        == read_ticket(f" https://events.example.org/t/{text}\n")
        == (CODE, SIGNER.sign(CODE))
    )


def test_signature_has_one_spelling() -> None:
    text = ticket_text(CODE, bytes(64))

    assert read_ticket(text) == (CODE, bytes(64))
    assert [read_ticket(text[:-1] + last) for last in "BCD"] == [None] * 3


@given(st.text() | st.text(alphabet=ALPHABET + ".-_~!=", min_size=113, max_size=113))
def test_whatever_is_no_ticket_is_none(text: str) -> None:
    read = read_ticket(text)

    assert read is None or ticket_text(*read) == text.strip().rpartition("/")[2]


@given(st.text(alphabet="-_ABCabc=!~", min_size=86, max_size=86))
def test_whatever_is_no_signature_is_none(signature: str) -> None:
    read = read_ticket(f"{CODE}.{signature}")

    assert read is None or ticket_text(*read) == f"{CODE}.{signature}"


def test_ticket_codes_are_128_bits_in_an_alphabet_without_look_alikes() -> None:
    drawn = [codes.new_ticket_code() for _ in range(2000)]

    assert len(set(drawn)) == 2000
    assert {len(code) for code in drawn} == {26}
    assert set("".join(drawn)) == set(ALPHABET)
    assert set("ILOU") & set(ALPHABET) == set()
    assert max(Counter(code[5] for code in drawn).values()) < 2000 / 32 * 2


@pytest.mark.parametrize("typed", ["7KQ2-M9XD", "7kq2 m9xd", " 7kq2m9xd ", "7KQ2—M9XD"])
def test_number_is_read_as_it_is_typed(typed: str) -> None:
    assert read_ticket_number(typed) == "7KQ2M9XD"


def test_look_alikes_are_read_as_what_was_meant() -> None:
    assert read_ticket_number("oOiI-lL01") == "00111101"


@pytest.mark.parametrize(
    "typed", ["", "7KQ2-M9X", "7KQ2-M9XDA", "7KQ2-M9XU", "７KQ2-M9XD", "赵钱孙李周吴郑王", "²²²²²²²²"]
)
def test_what_cannot_be_a_number_is_none(typed: str) -> None:
    assert read_ticket_number(typed) is None


def test_number_is_the_beginning_of_the_code() -> None:
    assert read_ticket_number(codes.ticket_number(CODE)) == CODE[:8]


def test_pins_keep_their_zeros() -> None:
    assert {len(codes.new_pin()) for _ in range(300)} == {6}


def test_secrets_have_256_bits() -> None:
    assert len(codes.new_secret()) == 43
    assert len(codes.digest(codes.new_secret())) == 32
