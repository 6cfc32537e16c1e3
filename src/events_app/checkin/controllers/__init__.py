"""What people and scripts ask of the door."""
