"""The panels around the canvas, one file each: what a panel does can be understood by reading that file."""
