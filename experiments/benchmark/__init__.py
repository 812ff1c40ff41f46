"""What a week costs: the engines beside a baseline in plain Python and Mesa."""
