"""Stadsdeel, gebied, wijk and buurt with their outlines; what happens in them lives in later rooms."""
