"""The stand-alone matcher: which rows of any table are one person or organisation, from what its columns mean.

`match.match` runs it whole. In order: `reading` and `profiling` (a table, and what its columns may mean),
`normalising` and `birth`, `uniting` (columns that say one thing apart), `candidates` (pairs worth comparing), `rarity`
and `levels` (how columns are compared), `weights` (the Fellegi-Sunter model), `scoring` (Splink, on DuckDB or Spark) and
`shared` (households and moves), `spelling`, `wording`, `told` and `texts` (free texts word by word), `competing` (sources without
repeats), `grams`, `similarity` and `reranking` (a boosted model that learns from the clusters
themselves, and from `labels`), `clustering`, `evaluation`, `report`.
"""
