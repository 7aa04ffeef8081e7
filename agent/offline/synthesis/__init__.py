"""The synthesiser: from a few examples to one expression that explains them."""
