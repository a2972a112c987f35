"""What applications were given: grants and the codes that lead to them, in the table `grants`."""
