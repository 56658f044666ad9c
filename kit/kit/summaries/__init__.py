"""The text about a run for people: its facts, and a language model's words about them."""
