"""What is decided about scans and attendance, from what is already known."""
