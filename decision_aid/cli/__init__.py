"""The commands of ``decision-aid``: for authors of the content, and for clinics."""
