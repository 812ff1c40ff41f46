PAPERS = ("a4", "letter")


def print_kit(a, b):
    return []
