"""How often one network, mailbox or person may fail, and that a form is done once: for all processes together."""
