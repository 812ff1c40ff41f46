"""The rules of one week for one world: pure functions of arrays, one file a phase."""
