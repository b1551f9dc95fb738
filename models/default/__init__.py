"""Default: who will fall far behind with a loan or card within the horizon."""
