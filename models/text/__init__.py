"""Complaints by what they say: cause and product, trend, and the phrases that drive a class; Chinese and English, offline.

`table` reads, `words` cuts texts into terms, `classify` is the model, `evaluate` measures it on rows it never saw,
`trend` follows classes over months, `phrases` tells what marks a class, `topics` groups texts that nobody labelled,
and `report` puts them together.
"""
