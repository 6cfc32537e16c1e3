"""What can happen at a door, before it and afterwards."""
