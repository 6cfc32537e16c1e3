"""What can happen to places, and to sessions that people hold places in."""
