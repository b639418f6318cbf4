"""Ways to divide events into a side to learn from and a side to test on: a file a way."""

from endcap.data.splits.by_time import split_by_time as split_by_time
from endcap.data.splits.by_user import UserSplit as UserSplit
from endcap.data.splits.by_user import split_by_user as split_by_user
from endcap.data.splits.k_fold import split_k_fold as split_k_fold
from endcap.data.splits.last_basket import split_last_basket as split_last_basket
from endcap.data.splits.last_out import split_last_out as split_last_out
from endcap.data.splits.predefined import split_predefined as split_predefined
from endcap.data.splits.rolling import split_rolling as split_rolling
from endcap.data.splits.shuffle import split_shuffle as split_shuffle
from endcap.data.splits.split import Split as Split
