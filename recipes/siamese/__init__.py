"""Siamese networks: two recordings in, one speaker or two out."""
