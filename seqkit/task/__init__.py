"""What all tasks share: the base class of models, batches, compiled graphs, recipes and beam search."""
