"""How often one network, mailbox or person may fail: counted in the database, for all processes together."""
