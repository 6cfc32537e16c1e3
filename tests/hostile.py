"""Words that no field asks for."""

HOSTILE = (
    "",
    "长" * 3_000,
    "赵\x00",
    "\u202e一",
    "<script>alert(1)</script>",
    "9" * 400,
    "１２",
    "٣",
    "-0",
    "🦄",
    "1e9",
    "0x1",
    "%00",
)
