"""The front door and the pages about the site itself."""
