"""What gates, participants and scripts send."""
