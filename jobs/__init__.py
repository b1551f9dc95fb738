"""WHAT: the jobs that make the book, from bronze to what is published, and the command line."""
