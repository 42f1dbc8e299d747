"""The command ``decision-aid``. Bad input ends with one sentence on standard error and exit 2."""

import click

from decision_aid.cli import content, export, preview


@click.group()
def main() -> None:
    """A shared decision-making questionnaire for lumbar decompression surgery."""


for command in (
    *(content.check, content.explain, content.grades, content.map_, content.ipdas, content.about),
    *(export.serve, export.pdf, export.text, export.card, export.paper),
    *(export.fhir, export.read, export.purge, preview.preview),
):
    main.add_command(command)


if __name__ == "__main__":
    main()
