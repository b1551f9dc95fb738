"""Identity: which source records are one customer, and what the book says of it."""
