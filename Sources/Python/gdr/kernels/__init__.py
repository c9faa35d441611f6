"""From a case to a call of a Python function, and back: by the names of its parameters, in numpy or in torch."""
