"""Customer value from a plain log of transactions ("buy till you die"): who is still active, and what they will spend.

`log` reads, `history` sums up, `bgnbd` and `gamma_gamma` are the classical models, `learnt` learns from earlier days of
the same log; `level` foretells the total, `order` who comes before whom, `interval` how far off it may be, and
`forecast` puts them together.
"""
