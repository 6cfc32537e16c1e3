"""Pure decisions of planning."""
