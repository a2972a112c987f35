"""What applications were given, the codes that lead to it, and what is good once: the table `grants`."""
