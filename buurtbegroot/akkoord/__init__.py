"""The Maatschappelijk akkoord: editions, points, plans and status history; links to a point live in later rooms."""
