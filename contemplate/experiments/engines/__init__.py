"""Engines, which do the runs of an experiment: in this process, or on Ray."""
