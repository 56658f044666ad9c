"""What the platform and a trainer's process agree on: variables, exit codes, progress, the result line."""
