"""Every read of what is planned, and every hand-written statement that changes it."""
