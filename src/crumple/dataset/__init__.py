"""Label files and label maps in, leaks between splits found, batches for training out."""
