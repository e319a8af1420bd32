"""What differs between two versions, computed; no database and no pages."""
