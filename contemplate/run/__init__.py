"""A run as its steps see it: they ask agents, and put turns and decisions on record."""
