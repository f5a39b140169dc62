"""Dify's model calls in the terms of the HolySheep node, and back."""
