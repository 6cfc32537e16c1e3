"""Every read of scans and gates, and every hand-written statement that lets somebody in."""
