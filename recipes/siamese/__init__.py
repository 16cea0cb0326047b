"""Siamese networks: two recordings in, same speaker or not out."""
