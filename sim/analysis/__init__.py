"""What a user computes from results: which inputs move which metrics, and where runs lie."""
