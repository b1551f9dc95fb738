"""Churn: who will leave the bank within the horizon."""
