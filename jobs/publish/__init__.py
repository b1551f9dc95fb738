"""What leaves the lake: audience lists, each row of which every gate let through."""
