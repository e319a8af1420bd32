"""What stands in verify.py in the place of modules that need a library: slower, with the same answers."""
