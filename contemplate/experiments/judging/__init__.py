"""Carrying out pairwise judging: who is compared with whom, and a judge that is asked blind and in both orders."""
