"""The stand-alone matcher: which rows of any table are one person or organisation, from what its columns mean.

`match.match` runs it whole. In order: `reading` and `profiling` (a table, and what its columns may mean),
`normalising`, `candidates` (pairs worth comparing), `weights` (Splink's Fellegi-Sunter model), `similarity` and
`reranking` (a boosted model that learns from the clusters themselves), `clustering`, `evaluation`, `report`.
"""
