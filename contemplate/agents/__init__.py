"""Agents: the roles they play, what they are told, and how their replies are read. Nothing here calls a model."""
