"""Generator of sample registers with ground truth; everybody in them is invented."""
