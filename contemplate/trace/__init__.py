"""What a run leaves behind: the graph of its turns, the events on the way, the outcome."""
