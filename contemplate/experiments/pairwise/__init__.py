"""Pairwise judging: what a plan says of it, what one judgement is, and the figures of all of them."""
