"""Counting a Pabulib file by any rule, from the command line: no app, no settings, no database."""
