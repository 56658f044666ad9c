"""Readers of JSON requests, for trainers that need no reader of their own."""
