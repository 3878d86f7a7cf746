"""One contemplation from start to end: what is to be done, doing it, and what it comes to."""
