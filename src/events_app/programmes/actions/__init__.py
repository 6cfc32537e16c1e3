"""What can happen to what is planned."""
