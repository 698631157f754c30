"""Answers of arch and hmmlearn to what stands as JSON on standard input."""

import json
import sys

import numpy as np
import pandas as pd
from arch import arch_model
from arch.bootstrap import MCS
from arch.univariate import HARX
from hmmlearn import _hmmc
from hmmlearn.hmm import GaussianHMM


def garch(asked):
    """A GARCH(1,1) of the returns, fitted and with given parameters."""
    model = arch_model(
        np.array(asked["returns"]), mean=asked["mean"], vol="GARCH", p=1, q=1, rescale=False
    )
    fit = model.fit(disp="off", cov_type="classic", options={"ftol": 1e-14, "maxiter": 2000})
    return {
        "parameters": dict(fit.params),
        "errors": dict(fit.std_err),
        "logLikelihood": fit.loglikelihood,
        "nextVariance": fit.forecast(horizon=1).variance.to_numpy()[-1, 0],
    }


def har(asked):
    """A heterogeneous autoregression of the variances by least squares."""
    model = HARX(np.array(asked["variances"]), lags=asked["lags"], constant=True, rescale=False)
    fit = model.fit(disp="off")
    return {"coefficients": list(fit.params)[:4], "next": fit.forecast(horizon=1).mean.to_numpy()[-1, 0]}


def markov(asked):
    """So many steps of Baum and Welch from the given start, without a prior, and what is filtered then."""
    values = np.array(asked["values"]).reshape(-1, 1)
    model = GaussianHMM(
        n_components=len(asked["mean"]),
        covariance_type="diag",
        covars_prior=0,
        init_params="",
        n_iter=asked["steps"],
        tol=-np.inf,
        implementation="scaling",
    )
    model.startprob_ = np.array(asked["initial"])
    model.transmat_ = np.array(asked["transition"])
    model.means_ = np.array(asked["mean"]).reshape(-1, 1)
    model.covars_ = np.array(asked["variance"]).reshape(-1, 1)
    model.fit(values)
    densities = model._compute_log_likelihood(values)
    _, forward = _hmmc.forward_log(model.startprob_, model.transmat_, densities)
    filtered = np.exp(forward - forward.max(axis=1, keepdims=True))
    filtered /= filtered.sum(axis=1, keepdims=True)
    return {
        "initial": model.startprob_.tolist(),
        "transition": model.transmat_.ravel().tolist(),
        "mean": model.means_.ravel().tolist(),
        "variance": model.covars_.ravel().tolist(),
        "logLikelihood": model.score(values),
        "filtered": filtered.ravel().tolist(),
    }


def confidence(asked):
    """P-values of the model confidence set."""
    losses = pd.DataFrame(np.array(asked["losses"]).T)
    found = MCS(
        losses, size=0.1, reps=asked["samples"], block_size=asked["block"], method="R", seed=1
    )
    found.compute()
    return found.pvalues["Pvalue"].sort_index().tolist()


KINDS = {"garch": garch, "har": har, "markov": markov, "confidence": confidence}
asked = json.load(sys.stdin)
print(json.dumps(KINDS[asked["kind"]](asked)))
