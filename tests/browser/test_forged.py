"""What a gate without network makes of forged tickets: its script believes none of them."""

import pytest
from faults.forgeries import SAME_TICKET, Ticket, forgeries
from faults.judged import believed, serve_scripts
from playwright.sync_api import Page
from tests.people import SIGNER

from events_app.lib import codes

FORGED = 6000


@pytest.fixture
def tickets() -> list[Ticket]:
    fresh = [codes.new_ticket_code() for _number in range(200)]
    return [Ticket(code, SIGNER.sign(code)) for code in fresh]


def test_no_forged_ticket_is_believed(page: Page, tickets: list[Ticket]) -> None:
    serve_scripts(page)

    taken = believed(page, SIGNER, forgeries(tickets, FORGED))

    assert set(taken) == SAME_TICKET


def test_genuine_tickets_are_believed_bare_and_in_their_address(page: Page, tickets: list[Ticket]) -> None:
    serve_scripts(page)
    shown = [("bare", ticket.text) for ticket in tickets]
    shown += [("address", f" https://events.example/t/{ticket.text}\n") for ticket in tickets]

    assert believed(page, SIGNER, shown) == {"bare": len(tickets), "address": len(tickets)}
