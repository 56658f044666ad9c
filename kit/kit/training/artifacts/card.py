"""The facts of a run for its version's model card."""

from kit.reports.card import Card
from kit.training.run import Run


def card_of(run: Run) -> Card:
    """The card of the version that a run registers."""
    trained, data, settings, learner = run.trained, run.data, run.settings, run.learner
    classes = trained.scores.as_result().get("perClass", {})
    return Card(
        name=learner.title or settings.model_name,
        description=learner.purpose,
        data_sha256=data.sha256,
        counts=data.facts,
        split=f"Held out {trained.split.told()}",
        trained=trained.split.train.size,
        held_out=trained.split.hold_out.size,
        figures=trained.figures(),
        verdict=run.verdict,
        notes=[*(line.removeprefix("- ") for line in data.described()), *data.doubts()],
        support={name: int(each["support"]) for name, each in classes.items()},
        has_reference=trained.reference is not None,
        parameters=trained.tuned.parameters,
        origin={
            "commit": settings.git_commit + (" with changes" if settings.git_dirty else ""),
            "release": settings.release_ref,
            "image": settings.image,
            "environment": settings.environment,
            "seed": str(settings.seed),
        },
    )
