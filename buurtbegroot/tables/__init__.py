"""Tables for people and for programs: their columns, and how they are written as files; pure, and of no room."""
