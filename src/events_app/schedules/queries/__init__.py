"""Reads of what is on. Drafts are nowhere in them but in an organiser's own calendar."""
