"""Where the runs of an experiment are done: in this process, or on Ray."""
