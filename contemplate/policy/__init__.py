"""Policy: rules that say what a run may ask, be told and answer; what they decided is on record."""
