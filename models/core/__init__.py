"""What all models share: splits, learning, calibration, metrics, the gate, tracking, champions, scoring, reasons."""
