"""WHERE: the configuration tree and the frozen types that read it."""
