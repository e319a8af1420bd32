"""What the files of open data hold."""
