"""What a data set is; which rows it has is told by each data set itself."""
