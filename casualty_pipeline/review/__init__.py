"""Questions that the machine leaves to people: what each is about, shown so that it can be decided."""
