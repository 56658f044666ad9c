"""SEG-Y files: what their headers say, and their samples."""
