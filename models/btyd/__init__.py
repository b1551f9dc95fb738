"""Customer value from a plain log of transactions ("buy till you die"): who is still active, and what they will spend.

`log` reads and summarises, `bgnbd` and `gamma_gamma` are the classical models, `boosted` learns from earlier dates of
the same log, `forecast` puts them together.
"""
