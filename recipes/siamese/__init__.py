"""Siamese networks: same speaker or not, and one-shot identification."""
