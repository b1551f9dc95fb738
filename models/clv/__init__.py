"""CLV: what a customer will contribute within the horizon."""
