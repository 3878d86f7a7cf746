"""The way to a model and back: what is kept, budget, limits, retries, and the backends of the providers."""
