"""The library of validated skills: files, their record, their names."""
