"""Reports about the content: the IPDAS sheet, and which answers lead where."""
