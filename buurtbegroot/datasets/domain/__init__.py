"""What a data set is, and what of its figures is hidden; which rows it has is told by each data set itself."""
