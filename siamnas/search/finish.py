"""When a search ends, as it is seen from inside and from outside."""

from collections.abc import Collection

from siamnas.search.catalog import Catalog
from siamnas.search.setting import Setting
from siamnas.search.story import Story


def left(setting: Setting, story: Story, catalog: Catalog | None, archs: Collection[int]) -> int:
    """How many more evaluations a search can ask for.

    Args:
        setting: of the search.
        story: the same.
        catalog: of its space; None where it is not known.
        archs: the numbers of all that was asked for or added.
    """
    budget = setting.budget - story.paid
    if budget <= 0 or setting.replicate or catalog is None:
        return budget
    return int(min(budget, catalog.left(archs)))
