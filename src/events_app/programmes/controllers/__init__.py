"""Where organisers plan, and what everybody sees of it."""
