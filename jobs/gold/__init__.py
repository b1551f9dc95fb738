"""The customer: roll-ups, holdings, value, features, profile, segments, and who may be contacted."""
