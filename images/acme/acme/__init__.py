"""Gets and renews a stack's certificate."""
