"""The engine: job records, catalog, storage, ledger, session and runner. All I/O lives here."""
