"""Text: vocabularies, and how raw strings become numbers and come back."""
