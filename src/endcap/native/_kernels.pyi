from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

def simd() -> str: ...
def best_simd() -> str: ...
def use_simd(name: str) -> None: ...
def between_chunks(ask: Callable[[], object] | None) -> Callable[[], object] | None: ...
def resolve_threads(threads: int) -> int: ...
def peak_flops(seconds: float, threads: int) -> float: ...
def neighbours(
    row_ptr: NDArray[np.int64],
    row_features: NDArray[np.int32],
    row_values: NDArray[np.float32],
    feature_ptr: NDArray[np.int64],
    feature_things: NDArray[np.int32],
    feature_values: NDArray[np.float32],
    own: NDArray[np.int32],
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    over_union: bool,
    shrinkage: float,
    neighbours: NDArray[np.int32],
    similarities: NDArray[np.float32],
    counts: NDArray[np.int32],
    threads: int,
) -> None: ...
def sparse_gram(
    user_ptr: NDArray[np.int64],
    user_items: NDArray[np.int32],
    user_values: NDArray[np.float32],
    item_ptr: NDArray[np.int64],
    item_users: NDArray[np.int32],
    item_values: NDArray[np.float32],
    row_ptr: NDArray[np.int64],
    rows: NDArray[np.float32],
    threads: int,
) -> None: ...
def top_k_dense(
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    candidates: NDArray[np.int32],
    exclude_ptr: NDArray[np.int64],
    exclude_items: NDArray[np.int32],
    top_items: NDArray[np.int32],
    top_scores: NDArray[np.float32],
    threads: int,
    int8_screen: bool = True,
) -> None: ...
def top_k_linear(
    history_ptr: NDArray[np.int64],
    history_items: NDArray[np.int32],
    history_values: NDArray[np.float32],
    weights: NDArray[np.float32],
    candidates: NDArray[np.int32],
    exclude_ptr: NDArray[np.int64],
    exclude_items: NDArray[np.int32],
    top_items: NDArray[np.int32],
    top_scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def local_ridge(
    user_ptr: NDArray[np.int64],
    user_items: NDArray[np.int32],
    user_values: NDArray[np.float32],
    item_ptr: NDArray[np.int64],
    item_users: NDArray[np.int32],
    item_values: NDArray[np.float32],
    row_ptr: NDArray[np.int64] | None,
    rows: NDArray[np.float32] | None,
    candidate_ptr: NDArray[np.int64],
    candidate_items: NDArray[np.int32],
    ridge: float,
    weights: NDArray[np.float32],
    threads: int,
) -> None: ...
def slim(
    user_ptr: NDArray[np.int64],
    user_items: NDArray[np.int32],
    user_values: NDArray[np.float32],
    item_ptr: NDArray[np.int64],
    item_users: NDArray[np.int32],
    item_values: NDArray[np.float32],
    row_ptr: NDArray[np.int64] | None,
    rows: NDArray[np.float32] | None,
    candidate_ptr: NDArray[np.int64],
    candidate_items: NDArray[np.int32],
    l1: float,
    l2: float,
    positive: bool,
    rounds: int,
    tolerance: float,
    weights: NDArray[np.float32],
    threads: int,
) -> None: ...
def top_k_sparse(
    history_ptr: NDArray[np.int64],
    history_items: NDArray[np.int32],
    history_values: NDArray[np.float32],
    weight_ptr: NDArray[np.int32] | NDArray[np.int64],
    weight_items: NDArray[np.int32],
    weight_values: NDArray[np.float32],
    exclude_ptr: NDArray[np.int64],
    exclude_items: NDArray[np.int32],
    allowed: NDArray[np.uint8] | None,
    top_items: NDArray[np.int32],
    top_scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def score_factors(
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    asked_ptr: NDArray[np.int64],
    asked_items: NDArray[np.int32],
    scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def score_linear(
    history_ptr: NDArray[np.int64],
    history_items: NDArray[np.int32],
    history_values: NDArray[np.float32],
    weights: NDArray[np.float32],
    asked_ptr: NDArray[np.int64],
    asked_items: NDArray[np.int32],
    scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def score_sparse(
    history_ptr: NDArray[np.int64],
    history_items: NDArray[np.int32],
    history_values: NDArray[np.float32],
    weight_ptr: NDArray[np.int32] | NDArray[np.int64],
    weight_items: NDArray[np.int32],
    weight_values: NDArray[np.float32],
    asked_ptr: NDArray[np.int64],
    asked_items: NDArray[np.int32],
    scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def gram(y: NDArray[np.float32], out: NDArray[np.float32], threads: int) -> None: ...
def multiply_in_place(y: NDArray[np.float32], q: NDArray[np.float32], threads: int) -> None: ...
def als_cg(
    y: NDArray[np.float32],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    extra: NDArray[np.float32],
    base: float,
    ridge: NDArray[np.float32],
    spectrum: NDArray[np.float32],
    prior: NDArray[np.float32] | None,
    steps: int,
    x: NDArray[np.float32],
    threads: int,
) -> None: ...
def als_cholesky(
    y: NDArray[np.float32],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    extra: NDArray[np.float32],
    base: float,
    ridge: NDArray[np.float32],
    spectrum: NDArray[np.float32],
    prior: NDArray[np.float32] | None,
    x: NDArray[np.float32],
    threads: int,
) -> None: ...
def rating_sgd(
    indptr: NDArray[np.int64],
    items: NDArray[np.int32],
    ratings: NDArray[np.float32],
    mean: float,
    user_bias: NDArray[np.float32],
    item_bias: NDArray[np.float32],
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    implicit_factors: NDArray[np.float32] | None,
    rates: NDArray[np.float32],
    decays: NDArray[np.float32],
    estimates: NDArray[np.float32] | None,
) -> None: ...
def nmf_update(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    ratings: NDArray[np.float32],
    estimates: NDArray[np.float32] | None,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    regularization: float,
    updated: NDArray[np.float32],
    threads: int,
) -> None: ...
def look_up(
    numbers: NDArray[np.int32] | NDArray[np.int64],
    first: int,
    table: NDArray[np.int32],
    positions: NDArray[np.int32],
    threads: int,
) -> None: ...
def pair_lists(
    rows: NDArray[np.int32] | NDArray[np.int64], columns: NDArray[np.int32], indptr: NDArray[np.int64]
) -> bool: ...
def fill_lists(
    rows: NDArray[np.int32], ranks: NDArray[np.int64], items: NDArray[np.int32], lists: NDArray[np.int32]
) -> int: ...
def first_places(lists: NDArray[np.int32], first: NDArray[np.int32]) -> None: ...
def count_items(positions: NDArray[np.int32], counts: NDArray[np.int64]) -> None: ...
def ranking_metrics(
    recommended: NDArray[np.int32],
    relevant_ptr: NDArray[np.int64],
    relevant_items: NDArray[np.int32],
    relevant_values: NDArray[np.float64] | None,
    seen_ptr: NDArray[np.int64] | None,
    seen_items: NDArray[np.int32] | None,
    exclude_seen: bool,
    best_sellers: NDArray[np.int32] | None,
    categories: NDArray[np.int32] | None,
    n_categories: int,
    novelty: NDArray[np.float64] | None,
    popularity: NDArray[np.float64] | None,
    items: int,
    ids: int,
    cutoffs: NDArray[np.int32],
    discounts: NDArray[np.float64],
    values: NDArray[np.float64],
    threads: int,
) -> int: ...
def column_means(values: NDArray[np.float64], means: NDArray[np.float64], threads: int) -> None: ...
def resampled_means(values: NDArray[np.float64], seed: int, means: NDArray[np.float64], threads: int) -> None: ...
def sign_flips(
    differences: NDArray[np.float64], seed: int, flips: int, as_extreme: NDArray[np.int64], threads: int
) -> None: ...
def slope_one(
    user_ptr: NDArray[np.int64],
    user_items: NDArray[np.int32],
    user_ratings: NDArray[np.float32],
    item_ptr: NDArray[np.int64],
    item_users: NDArray[np.int32],
    item_ratings: NDArray[np.float32],
    history_ptr: NDArray[np.int64],
    history_items: NDArray[np.int32],
    group_ptr: NDArray[np.int64],
    group_items: NDArray[np.int32],
    pair_histories: NDArray[np.int32],
    deviations: NDArray[np.float32],
    threads: int,
) -> None: ...
def rating_neighbours(
    row_ptr: NDArray[np.int64],
    row_columns: NDArray[np.int32],
    row_values: NDArray[np.float32],
    column_ptr: NDArray[np.int64],
    column_rows: NDArray[np.int32],
    column_values: NDArray[np.float32],
    training_rows: int,
    list_ptr: NDArray[np.int64],
    list_rows: NDArray[np.int32],
    list_values: NDArray[np.float32],
    group_ptr: NDArray[np.int64],
    group_rows: NDArray[np.int32],
    pair_lists: NDArray[np.int32],
    similarity: str,
    min_support: int,
    shrinkage: float,
    k: int,
    means: NDArray[np.float32],
    counts: NDArray[np.int32],
    threads: int,
) -> None: ...
def ranking_sgd(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    weights: NDArray[np.float32],
    user_factors: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    user_squares: NDArray[np.float32],
    item_squares: NDArray[np.float32],
    item_order: NDArray[np.int32],
    user_bounds: NDArray[np.int64],
    loss: str,
    negatives: int,
    learning_rate: float,
    user_regularization: float,
    item_regularization: float,
    key: int,
    threads: int,
) -> None: ...
def ranking_fold_in(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    weights: NDArray[np.float32],
    item_factors: NDArray[np.float32],
    first_square: float,
    epochs: int,
    loss: str,
    negatives: int,
    learning_rate: float,
    user_regularization: float,
    key: int,
    user_factors: NDArray[np.float32],
    targets: NDArray[np.int32] | None,
    contributions: NDArray[np.float64] | None,
    threads: int,
) -> None: ...

class SessionIndex:
    def __init__(
        self,
        session_ptr: NDArray[np.int64],
        session_items: NDArray[np.int32],
        session_weights: NDArray[np.float32],
        item_ptr: NDArray[np.int64],
        item_sessions: NDArray[np.int32],
        by_distance: NDArray[np.float32],
        item_weights: NDArray[np.float32],
    ) -> None: ...

class SessionQueries:
    def __init__(
        self,
        own_ptr: NDArray[np.int64],
        own_items: NDArray[np.int32],
        own_weights: NDArray[np.float32],
        own_latest: NDArray[np.float32],
        skip: NDArray[np.int32],
    ) -> None: ...

def top_k_sessions(
    index: SessionIndex,
    queries: SessionQueries,
    recent: int,
    neighbours: int,
    exclude_ptr: NDArray[np.int64],
    exclude_items: NDArray[np.int32],
    allowed: NDArray[np.uint8] | None,
    top_items: NDArray[np.int32],
    top_scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def score_sessions(
    index: SessionIndex,
    queries: SessionQueries,
    recent: int,
    neighbours: int,
    pair_ptr: NDArray[np.int64],
    pair_items: NDArray[np.int32],
    scores: NDArray[np.float32],
    threads: int,
) -> None: ...
def nearest_sessions(
    index: SessionIndex,
    queries: SessionQueries,
    recent: int,
    sessions: NDArray[np.int32],
    similarities: NDArray[np.float32],
    threads: int,
) -> None: ...
