"""Evidence: reports written for this project with what a careful coder answers, and the scorer that compares."""
