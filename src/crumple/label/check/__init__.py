"""Quality of a version's labels: what cannot be right, what two annotators or the model see otherwise."""
