"""What every room may use: the one family of errors, files written whole, paths. Imports no other room."""
