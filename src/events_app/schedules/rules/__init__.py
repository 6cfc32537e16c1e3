"""How schedules are laid out, and the words a reader sees. No clock, no database."""
