"""What every trainer of columns of numbers needs: its table, its models' first step, and its requests."""
