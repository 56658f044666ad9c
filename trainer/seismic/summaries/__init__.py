"""What is written about a run for people: its facts, and a language model's words on them."""
