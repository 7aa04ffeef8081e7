"""What can be called: core tools and skills, and the search that finds them."""
