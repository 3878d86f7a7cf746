"""Tools for tests of what is built on contemplate: agents that fail or attack."""
