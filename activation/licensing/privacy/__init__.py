"""Rules about what people may ask for: deadlines and answers (G4), who may be written to (G8)."""
