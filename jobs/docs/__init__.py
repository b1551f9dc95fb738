"""Generated pages: docs/data-model.md, docs/sources/ and the graph picture, drawn from the schemas and contracts."""
