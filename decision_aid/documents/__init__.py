"""The paper: surgeon's page, patient copy, safety card and blank form as tagged PDF."""
