"""What amounts of money are together, whatever they are split over; no database."""
