"""What an author's editor would mark: wording, reading grade, numbers, balance, dead rules."""
