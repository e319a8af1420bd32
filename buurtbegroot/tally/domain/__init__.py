"""From ballots to the outcome and what explains it; nothing is read or stored."""
