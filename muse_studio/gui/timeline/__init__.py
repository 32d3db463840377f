"""The parts of the timeline: what is looked at, the filmstrip, the tree of runs, branching and exporting."""
