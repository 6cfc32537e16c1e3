"""Bad days on purpose: what was acknowledged must be there afterwards, once."""
