"""A small trainer for tables of numbers; it keeps to docs/trainer-contract.md."""
