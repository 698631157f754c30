"""Trains models of scikit-learn, LightGBM and XGBoost, converts them to ONNX, and writes what they predict.

Usage: onnx_models.py FOLDER. It writes FOLDER/rows.json ({"x": [[number or null]]}) and FOLDER/cases.json: a list of
{"file", "outputs": [[number]]} as models.py does, and FOLDER/maps.onnx, whose probabilities are maps.
"""
import json
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])
random = np.random.default_rng(3)
ROWS, WIDTH = 500, 4
# Numbers of 32 bits: what is converted takes them so.
x = random.normal(size=(ROWS, WIDTH)).astype(np.float32)
value = x[:, 0] + 0.5 * x[:, 1] * x[:, 2] + 0.3 * random.normal(size=ROWS)
up = (value > 0).astype(int)
third = np.digitize(value, [-0.5, 0.5])
x[random.random(x.shape) < 0.1] = np.nan
wide = x.astype(np.float64)
cases = []


def keep(file, model, outputs):
    (folder / file).write_bytes(model.SerializeToString())
    cases.append({"file": file, "outputs": np.asarray(outputs, dtype=np.float64).reshape(ROWS, -1).tolist()})


def classifier(file, estimator, label):
    fitted = make_pipeline(SimpleImputer(), estimator).fit(wide, label)
    keep(file, to_onnx(fitted, x[:1], options={"zipmap": False}), fitted.predict_proba(wide))
    return fitted


logistic = classifier("logistic.onnx", make_pipeline(StandardScaler(), LogisticRegression()), up)
classifier("forest.onnx", RandomForestClassifier(20, max_depth=5, random_state=1), third)
returns = make_pipeline(SimpleImputer(), GradientBoostingRegressor(n_estimators=20, random_state=1))
returns.fit(wide, value / 100)
keep("returns.onnx", to_onnx(returns, x[:1]), returns.predict(wide))
(folder / "maps.onnx").write_bytes(to_onnx(logistic, x[:1]).SerializeToString())

told = [("x", FloatTensorType([None, WIDTH]))]
booster = lgb.train({"objective": "binary", "verbose": -1}, lgb.Dataset(x, up), 20)
converted = convert_lightgbm(booster, initial_types=told, zipmap=False)
outputs = booster.predict(x)
keep("lightgbm.onnx", converted, np.column_stack([1 - outputs, outputs]))
fitted = xgb.XGBClassifier(n_estimators=20, max_depth=4, base_score=0.5).fit(x, up)
keep("xgboost.onnx", convert_xgboost(fitted, initial_types=told), fitted.predict_proba(x))

listed = [[None if np.isnan(one) else float(one) for one in row] for row in x]
(folder / "rows.json").write_text(json.dumps({"names": [], "x": listed}))
(folder / "cases.json").write_text(json.dumps(cases))
