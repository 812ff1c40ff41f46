"""The seminar: a class in one room, each team a state, in turns of four weeks."""
