"""Manifest to tensors."""
