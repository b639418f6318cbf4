"""How a newly trained model comes into use: through the gate, and written down either way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from endcap.automatic.accuracy import Accuracy
from endcap.automatic.foresight import foresight
from endcap.automatic.gate import ACCURACY, SNAPSHOT, Gate, Judgement, newest_fold
from endcap.automatic.snapshot import Snapshot, data_checks
from endcap.errors import DataError, ModelFileError

if TYPE_CHECKING:
    from endcap.shop.training import Trained, Training


def refuse_no_events(shop: Trained) -> None:
    """Raise where there is nothing to learn from; where a model is in use, write down that it stays.

    Raises
    ------
    DataError
        Where there are no events.
    """
    if len(shop.events):
        return
    told = "there are no events to learn from; import some: endcap import ORDERS"
    if shop.models.in_use() is None:
        raise DataError(told)
    checks = data_checks(Snapshot.of(shop.events), None)
    shop.models.keep(None, checks[0].told, [one.to_dict() for one in checks])
    raise DataError(f"{told}; the model in use stays: {shop.models.champion()}")


def trained_already(shop: Trained) -> str | None:
    """Return the newest version that was trained on the very data there are now, or None."""
    now = {shop.interactions(log=log).fingerprint() for log in (False, True)}
    for version in reversed(shop.models.versions()):
        try:
            known = shop.models.manifest(version)["data"]["fingerprint"]
        except (ModelFileError, KeyError):
            continue
        if known in now:
            return version
    return None


def put_to_use(shop: Trained, training: Training, *, force: bool, seed: int) -> Training:
    """Save a model that was fitted on all events, and put it to use where it passes the gate.

    A shop's first model is put to use at once, and so is one that follows a model whose files are damaged. Where the
    data are sound but the new model isn't as good as the one in use, or serves the shop worse, the parameters in use
    are fitted on all events: the shop goes on with what was good, and what is new is learnt.
    """
    name = _name(training)
    snapshot = Snapshot.of(shop.events)
    metrics = _metrics(training, snapshot, _accuracy(shop, training, name, seed))
    try:
        gate = _gate(shop, snapshot, seed)
    except ModelFileError as error:
        return _promoted(shop, training, metrics, f"the model that was in use can't be read: {error}")
    if gate is None:
        return _promoted(shop, training, metrics, "the first model of this shop")
    judgement = gate.judge(training.model, training.comparison, name)
    training = replace(training, checks=judgement.checks)
    if judgement.passed:
        return _promoted(shop, training, metrics, judgement.reason)
    if force:
        return _promoted(shop, training, metrics, f"forced, against the gate: {judgement.reason}")
    kept = _kept(shop, training, metrics, judgement.reason)
    if training.comparison is None or not judgement.data_are_sound or gate.is_same(training.model):
        return kept
    return _refitted(shop, kept, gate, judgement, training.comparison.details.exclude_seen)


def _refitted(shop: Trained, kept: Training, gate: Gate, judgement: Judgement, exclude_seen: bool) -> Training:
    """Fit the parameters in use on all events, and put that to use where it passes; else leave all as it is."""
    model = gate.unfitted()
    model.fit(shop.interactions(log=model._needs_log))
    again = gate.judge_refitted(model, judgement, exclude_seen)
    if not again.passed:
        return kept
    metrics = {
        "exclude_seen": exclude_seen,
        "refitted": kept.before,
        "instead_of": kept.version,
        "remarks": [f"the parameters of {kept.before}, fitted on all events"],
        **_for_the_gate(gate.snapshot, again.champion_now),
    }
    training = replace(kept, model=model, checks=again.checks, also_kept=kept.version)
    reason = f"the parameters in use, fitted on all events; the gate refused {kept.version}: {judgement.reason}"
    return _promoted(shop, training, metrics, reason)


def _gate(shop: Trained, snapshot: Snapshot, seed: int) -> Gate | None:
    if shop.models.in_use() is None:
        return None
    train = shop.config.train
    return Gate(
        champion=shop.models.load(),
        record=shop.models.manifest()["metrics"],
        events=shop.events,
        items=shop.items,
        snapshot=snapshot,
        prepare=shop.config.prepare.arguments(),
        k=train.k,
        margin=train.margin,
        seed=seed,
    )


def _name(training: Training) -> str:
    """Return the model's name in the comparison."""
    if training.choice is not None:
        return training.choice.chosen.name
    return "" if training.comparison is None else training.comparison.winner


def _accuracy(shop: Trained, training: Training, name: str, seed: int) -> Accuracy | None:
    if training.comparison is None or name not in training.comparison.models:
        return None
    model, details = training.comparison.models[name], training.comparison.details
    fold = newest_fold(shop.events, details, shop.config.prepare.arguments(), log=model._needs_log)
    return Accuracy.in_comparison(training.comparison, name, foresight(model, fold.task, seed))


def _metrics(training: Training, snapshot: Snapshot, accuracy: Accuracy | None) -> dict[str, Any]:
    found = training.to_dict() or {"remarks": training.remarks}
    return {**found, **_for_the_gate(snapshot, accuracy)}


def _for_the_gate(snapshot: Snapshot, accuracy: Accuracy | None) -> dict[str, Any]:
    measured = {} if accuracy is None else {ACCURACY: accuracy.to_dict()}
    return {SNAPSHOT: snapshot.to_dict(), **measured}


def _promoted(shop: Trained, training: Training, metrics: dict[str, Any], reason: str) -> Training:
    models = shop.models
    before = models.in_use()
    version = models.add(training.model, metrics=metrics)
    shop.prepared(version)  # before it is in use: servers are to find all of it
    models.promote(version, reason, [one.to_dict() for one in training.checks])
    shop.__dict__.pop("model", None)
    models.retain(shop.config.train.keep, needed=shop.config.assignment().models())
    return replace(training, version=version, promoted=True, before=before, reason=reason)


def _kept(shop: Trained, training: Training, metrics: dict[str, Any], reason: str) -> Training:
    models = shop.models
    before = models.champion()
    version = models.add(training.model, metrics=metrics)
    models.keep(version, reason, [one.to_dict() for one in training.checks])
    models.retain(shop.config.train.keep, needed=shop.config.assignment().models())
    return replace(training, version=version, promoted=False, before=before, reason=reason)
