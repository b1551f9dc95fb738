"""The matcher: records in, scored pairs and clusters out. A library over DataFrames that knows no tables.

`records.keyed` prepares, `scoring.score` compares, `clusters.clustered` decides, `training.train` estimates.
"""
