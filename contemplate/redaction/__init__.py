"""What of a text must not be told to others: found, hidden behind placeholders, and put back at the end."""
