"""Backs a stack's registry up at set times."""
