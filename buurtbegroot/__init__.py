"""Participatory budgeting for neighbourhoods; importing this package or its core never imports Flask."""
