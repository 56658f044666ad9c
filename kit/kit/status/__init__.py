"""Parts of a status page: its sources, the history, and text that people wrote."""
