"""What others build against: the published schemas, and the verbs as tools of a language model."""
