"""What can go wrong on purpose. `web/errors.py` turns each into a page or a problem document."""


class Refused(Exception):
    """A rule says no (409). `sentence` is for the person, `reason` a stable word for programs, `facts` go along."""

    def __init__(self, sentence: str, reason: str = "refused", **facts: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason
        self.facts = facts

    @property
    def errors(self) -> dict[str, str]:
        """For the form that was refused: a mistake that belongs to no field of it."""
        return {"": self.sentence}


class NotFound(Exception):
    """There is no such thing, or it is not theirs: both look the same (404)."""

    def __init__(self, sentence: str = "", reason: str = "not_found") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason


class Forbidden(Exception):
    """Known, but in no role that may do this, or not any more (403)."""

    def __init__(self, sentence: str = "", reason: str = "forbidden") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reason = reason


class LoginNeeded(Exception):
    """Nobody is logged in, or the bearer token is unknown (401; pages lead to the login)."""


class TooMany(Exception):
    """Asked too often; try again after `retry_after` seconds (429)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Invalid(Exception):
    """What was sent does not fit (422). `errors` maps a field to a whole sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors
