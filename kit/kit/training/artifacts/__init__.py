"""The files and the text that a run leaves for programs and for people."""
