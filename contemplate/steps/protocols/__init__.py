"""Protocols that the closed words of recipes do not fit without bending: one step each, with the same interface."""
