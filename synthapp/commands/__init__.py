"""The command line. No Qt, and nothing heavy at import: `--help` answers at once."""
