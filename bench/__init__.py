"""What the application costs beside the barest thing that could do the same work; run by `make bench`."""
