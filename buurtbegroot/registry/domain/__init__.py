"""What needs no database: codes as they are drawn and entered, and the lists that go to printers and servers."""
