"""The command ``decision-aid``. Bad input ends with one sentence on standard error and exit 2."""

import click

from decision_aid.commands import authors, clinics


@click.group()
def main() -> None:
    """A shared decision-making questionnaire for lumbar decompression surgery."""


for command in (
    *(authors.check, authors.explain, authors.grades, authors.map_, authors.ipdas, authors.about),
    *(clinics.serve, clinics.pdf, clinics.text, clinics.card, clinics.paper),
    *(clinics.fhir, clinics.read, clinics.purge),
):
    main.add_command(command)


if __name__ == "__main__":
    main()
