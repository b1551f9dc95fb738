"""As delivered: one generic job over the source contracts. Append-only; nothing is guessed, nothing half-loaded."""
