"""The contract of the platform and a trainer's process: variables, exit codes, progress, the result line."""
