"""Cross-sell: which product a customer will take up next within the horizon."""
