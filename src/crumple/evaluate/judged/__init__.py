"""What is judged: photos with what people drew and what a model, or any other system, found on them."""
