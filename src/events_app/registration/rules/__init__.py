"""What is decided about registrations, by noun."""
