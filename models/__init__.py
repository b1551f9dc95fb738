"""What the bank learns from its book: values, churn, next products, and which records are one customer."""
