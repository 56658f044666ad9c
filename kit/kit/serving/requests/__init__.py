"""What all readers of JSON requests share, and a reader for trainers that need none of their own."""
