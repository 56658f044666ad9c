"""What the browser gets: the frame of the page, its data, and the scripts that show them."""
