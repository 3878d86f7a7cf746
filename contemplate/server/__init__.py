"""`contemplate serve`: panels behind an OpenAI-compatible address, and runs for a page to watch. Needs the extra `server`."""
