"""The bank's vocabulary as small Column -> Column functions, one module a subject."""
