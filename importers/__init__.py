"""The gate: foreign files -> records -> layers."""
