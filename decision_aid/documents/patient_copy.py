"""The patient copy: sections in reading order, figures with pictures, numbered sources."""

from dataclasses import dataclass, field
from functools import cached_property

from decision_aid.documents import charts
from decision_aid.model import Arm, Evidence, Source
from decision_aid.summary import Figure, SectionView, Summary

#: Groups in reading order; options, safety and card stand in places of their own.
_GROUPS = ("condition", "operation", "benefit", "risk", "shift", "alternative", "recovery")
#: Answers that frame all else.
_TOLD = ("goal", "activity", "leg_pain", "back_pain", "walking", "condition", "operation")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmView:
    """One group of people, as picture and in words that say the same."""

    label: str
    picture: str
    #: "62 of 100", "about 3 points of 10".
    amount: str
    #: "62 of 100 walk further." and "38 of 100 do not walk further."
    frames: tuple[str, ...]
    #: Too wide to stand side by side with others.
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Sections under one heading."""

    title: str
    sections: tuple[SectionView, ...]
    #: One after the other in time.
    steps: bool = False
    #: Side by side in one table, because nobody worried about them.
    compared: bool = False

    @property
    def apart(self) -> tuple[SectionView, ...]:
        """What stands under a heading of its own: told in full, or with a reason to see it."""
        return tuple(view for view in self.sections if _apart(view))

    @property
    def in_table(self) -> tuple[SectionView, ...]:
        """What everybody sees in short."""
        return tuple(view for view in self.sections if not _apart(view))


@dataclass
class PatientCopy:
    """What the patient copy shows, out of a summary. Read once, from the top."""

    summary: Summary
    _drawn: set[str] = field(default_factory=set)

    def first_time(self, record: Evidence) -> bool:
        """Whether a figure is drawn here: on first mention; later its sentence is enough."""
        seen = record.id in self._drawn
        self._drawn.add(record.id)
        return not seen

    @cached_property
    def worries(self) -> tuple[SectionView, ...]:
        """The sections that answer the named worries; told once, here."""
        return tuple(view for view in self.summary.sections if view.worry)

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The other sections by group."""
        found = []
        for group in _GROUPS:
            views = tuple(
                view
                for view in self.summary.sections
                if view.section.group == group and not view.worry
            )
            if views:
                found.append(
                    Chapter(
                        title=self.summary.aid.words[f"group_{group}"],
                        sections=views,
                        steps=group == "recovery",
                        compared=group == "risk",
                    )
                )
        return tuple(found)

    @cached_property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What the patient told, in the few lines that frame all else."""
        lines = map(self.summary.line, _TOLD)
        return tuple(
            (line.label, f"“{line.value}”" if line.words else _of_ten(line.value, line.number))
            for line in lines
            if line.state in ("answered", "unknown")
        )

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Every source of a shown figure, in the order of first mention."""
        shown: dict[str, Source] = {}
        options = self.summary.group("option")
        views = (*options, *self.worries, *(v for c in self.chapters for v in c.sections))
        for view in views:
            for figure in view.figures if self.in_full(view) else view.figures[:1]:
                shown.update((source.id, source) for source in figure.sources)
        return tuple(shown.values())

    def in_full(self, view: SectionView) -> bool:
        """Whether a section is told with all it has; what shifts the odds stays short on paper."""
        return _in_full(view)

    def marks(self, figure: Figure) -> str:
        """The sources of a figure as "SPORT 2010 [3]"."""
        order = [source.id for source in self.sources]
        return "; ".join(f"{s.short} [{order.index(s.id) + 1}]" for s in figure.sources)

    def arms(self, record: Evidence) -> tuple[ArmView, ...]:
        """Each group of people of a figure; none when the sentence alone carries it."""
        if record.measure == "people":
            return tuple(_people(record, arm) for arm in record.arms)
        if record.measure == "score" and record.scale_high > record.scale_low:
            return tuple(_score(record, arm) for arm in record.arms)
        return ()


def _in_full(view: SectionView) -> bool:
    return view.in_full and view.section.group != "shift"


def _apart(view: SectionView) -> bool:
    return _in_full(view) or bool(view.because) or not view.certain


def _of_ten(value: str, number: int | float | None) -> str:
    return value if number is None else f"{value} of 10"


def _people(record: Evidence, arm: Arm) -> ArmView:
    count = round(arm.count)
    amount, others = _of(count, record.per), _of(record.per - count, record.per)
    frames = (f"{amount} {record.outcome}.", f"{others} {record.opposite}.")
    # Both ways round, unless the sentence above has said so already.
    said = all(f"{number:,}" in record.sentence for number in (count, record.per - count))
    return ArmView(
        label=arm.label,
        picture=charts.icon_array(count, record.per),
        amount=amount + _range(arm),
        frames=() if said else frames if record.opposite else frames[:1],
        wide=record.per > 100,
    )


def _of(count: int, per: int) -> str:
    return f"{count:,} of {per:,}"


def _score(record: Evidence, arm: Arm) -> ArmView:
    amount = f"{round(arm.count)} on a scale from {record.scale_low} to {record.scale_high}"
    return ArmView(
        label=arm.label,
        picture=charts.scale_bar(arm.count, record.scale_low, record.scale_high),
        amount=amount + _range(arm),
        frames=(),
        wide=True,
    )


def _range(arm: Arm) -> str:
    if arm.low is None or arm.high is None:
        return ""
    return f" (the range is {round(arm.low):,} to {round(arm.high):,})"
