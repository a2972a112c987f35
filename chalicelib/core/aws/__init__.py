"""AWS clients, DynamoDB in plain values, and the edges of batches and of state machines."""
