"""What all tasks share: the skeleton of a model, its batches, its graphs, and the search for the best answer."""
