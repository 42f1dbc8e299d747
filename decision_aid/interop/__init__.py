"""The record in other forms: FHIR R4, plain text, the code on the printed page, about.json."""
