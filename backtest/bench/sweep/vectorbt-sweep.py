"""The pairs of `bench sweep` by vectorbt's broadcast. Arguments: engine (numba or auto), pairs at a time.

1,000 columns at a time take 17 GB, 100 take 4 GB.
"""
import json, os, resource, sys, tempfile, time, warnings

warnings.filterwarnings("ignore")
import numpy as np
import pandas as pd
import vectorbt as vbt

engine, chunk = sys.argv[1], int(sys.argv[2])
bars = 100_000
vbt.settings["engine"] = engine
folder = os.environ.get("PEER_DATA", os.path.join(tempfile.gettempdir(), "peer-data"))
times, opens, _, _, closes, _ = np.fromfile(os.path.join(folder, "bars1m.f64")).reshape(6, -1)[:, :bars]
index = pd.to_datetime(times, unit="ms")
opens, closes = pd.Series(opens, index), pd.Series(closes, index)
pairs = [(fast, slow) for fast in range(5, 101, 5) for slow in range(110, 601, 10)]


def part(some):
    fast = vbt.MA.run(closes, [pair[0] for pair in some], short_name="fast")
    slow = vbt.MA.run(closes, [pair[1] for pair in some], short_name="slow")
    # A decision at a close is filled at the open that follows.
    enter = fast.ma_crossed_above(slow).vbt.signals.fshift(1)
    leave = fast.ma_crossed_below(slow).vbt.signals.fshift(1)
    held = vbt.Portfolio.from_signals(
        closes, enter, leave, price=opens, fees=0.0005, init_cash=1e9, freq="1min"
    )
    return np.asarray(held.total_return()), int(held.trades.count().sum())


def sweep():
    parts = [part(pairs[at : at + chunk]) for at in range(0, len(pairs), chunk)]
    return np.concatenate([returns for returns, _ in parts]), sum(trades for _, trades in parts)


seconds = []
for run in range(2):
    started = time.perf_counter()
    returns, trades = sweep()
    seconds.append(round(time.perf_counter() - started, 3))
figures = {
    "group": "sweep",
    "name": f"vectorbt {engine}, {chunk} pairs at a time",
    "ver": vbt.__version__,
    "first_call_s": seconds[0],
    "wall_warm_s": min(seconds[1:]),
    "runs": seconds[1:],
    "trades": trades,
    "best": pairs[int(returns.argmax())],
    "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
}
print(json.dumps(figures), flush=True)
