"""The report: an evaluation as a page with words, plots and photos, and the wording that the terminal shares."""
