"""Figures beyond those of the task: their names, the candidate's own, the trainer's, and those of slices."""
