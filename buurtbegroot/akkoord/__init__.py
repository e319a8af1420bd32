"""The Maatschappelijk akkoord: editions, points, plans and status history; what links to a point lives in later rooms."""
