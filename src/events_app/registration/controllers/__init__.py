"""Answers about registering: for participants, for organisers, for scripts."""
