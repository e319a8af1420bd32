"""What visitors write before anybody knows them: it waits until the link is opened that was mailed to them."""
