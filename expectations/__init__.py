"""Trust: what is expected of every table, the gate that holds it to that, quarantine and results."""
