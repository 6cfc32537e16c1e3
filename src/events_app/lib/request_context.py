"""Which request is being answered: its id and the address it came from, for logs and the audit."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
address: ContextVar[str] = ContextVar("address", default="")
