"""What learning a book saves: one hand, some hundred entries, corrected as an operator would."""
