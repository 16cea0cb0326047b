"""What a group hands in: the report, the answer and the code that makes it anew."""
