"""Trains small models on rows with missing values, and writes their files with what they predict.

Usage: models.py FOLDER. It writes FOLDER/rows.json ({"x": [[number or null]]}) and FOLDER/cases.json: a list of
{"file", "outputs": [[number]]}, probabilities of classes or the predicted value for each row.
"""
import json
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import xgboost as xgb

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
ROWS, WIDTH = 900, 5
NAMES = ["return(1)", "rsi(14)", "atr(14)", "closelocation()", "roc(10)"]
x = random.normal(size=(ROWS, WIDTH))
# Values that repeat, among them 0, which some files take for a missing one.
x[:, 3] = np.round(2 * x[:, 3]) / 2
value = x[:, 0] + 0.5 * x[:, 1] * x[:, 2] - 0.4 * x[:, 3] + 0.3 * random.normal(size=ROWS)
up = (value > 0).astype(int)
third = np.digitize(value, [-0.5, 0.5])
x[random.random(x.shape) < 0.15] = np.nan
cases = []


def classes(p):
    p = np.asarray(p, dtype=np.float64)
    return (np.column_stack([1 - p, p]) if p.ndim == 1 else p).tolist()


def values(p):
    return np.asarray(p, dtype=np.float64).reshape(-1, 1).tolist()


def keep(file, outputs):
    cases.append({"file": file, "outputs": outputs})


def lightgbm(name, label, told, parameters, data=None, rounds=40):
    data = x if data is None else data
    dataset = lgb.Dataset(data, label, feature_name=NAMES, params={"verbose": -1})
    booster = lgb.train({"verbose": -1, "num_leaves": 15, "min_data_in_leaf": 8, **parameters}, dataset, rounds)
    booster.save_model(str(folder / f"{name}.txt"))
    (folder / f"{name}.json").write_text(json.dumps(booster.dump_model()))
    for file in (f"{name}.txt", f"{name}.json"):
        keep(file, told(booster.predict(x)))


def xgboost(name, label, told, parameters, rounds=40):
    booster = xgb.train({"max_depth": 5, **parameters}, xgb.DMatrix(x, label, feature_names=NAMES), rounds)
    for file in (f"{name}.json", f"{name}.ubj"):
        booster.save_model(str(folder / file))
        keep(file, told(booster.predict(xgb.DMatrix(x, feature_names=NAMES))))


FOREST = {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1, "feature_fraction": 0.8}
lightgbm("lightgbm-binary", up, classes, {"objective": "binary"})
lightgbm("lightgbm-steep", up, classes, {"objective": "binary", "sigmoid": 2.5})
lightgbm("lightgbm-forest", up, classes, {"objective": "binary", **FOREST})
lightgbm("lightgbm-classes", third, classes, {"objective": "multiclass", "num_class": 3})
lightgbm("lightgbm-return", value / 100, values, {"objective": "regression"})
lightgbm("lightgbm-zero", up, classes, {"objective": "binary", "zero_as_missing": True})
# Trained on rows without a missing value: a missing one counts as 0 then.
lightgbm("lightgbm-none", up, classes, {"objective": "binary"}, data=np.nan_to_num(x))
lightgbm("lightgbm-small", up, classes, {"objective": "binary", "num_leaves": 6}, rounds=4)
xgboost("xgboost-binary", up, classes, {"objective": "binary:logistic"})
xgboost("xgboost-classes", third, classes, {"objective": "multi:softprob", "num_class": 3})
xgboost("xgboost-return", value / 100, values, {"objective": "reg:squarederror"})
xgboost("xgboost-parallel", up, classes, {"objective": "binary:logistic", "num_parallel_tree": 3, "subsample": 0.6})
xgboost("xgboost-small", up, classes, {"objective": "binary:logistic", "max_depth": 2}, rounds=3)

listed = [[None if np.isnan(one) else float(one) for one in row] for row in x]
(folder / "rows.json").write_text(json.dumps({"names": NAMES, "x": listed}))
(folder / "cases.json").write_text(json.dumps(cases))
