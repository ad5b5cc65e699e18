"""Writes sklearn-scores.json: seeded labels and scores with the measures that scikit-learn gives them.

Run with scikit-learn 1.2 (Debian: python3-sklearn): python3 sklearn-scores.py
"""
import json
import numpy
from sklearn import metrics

draws = numpy.random.RandomState(3)
cases = []
for count, classes in [(1, 2), (5, 2), (40, 2), (60, 5), (30, 9), (4, 3)]:
    actual = draws.randint(0, classes, count)
    guess = draws.randint(0, classes, count)
    predicted = numpy.where(draws.rand(count) < 0.6, actual, guess)
    case = {"classes": classes, "actual": actual.tolist(), "predicted": predicted.tolist()}
    case["accuracy"] = metrics.accuracy_score(actual, predicted)
    case["mcc"] = metrics.matthews_corrcoef(actual, predicted)
    case["matrix"] = metrics.confusion_matrix(actual, predicted, labels=range(classes)).tolist()
    for average in ["micro", "macro", "weighted"]:
        case[average] = metrics.precision_recall_fscore_support(actual, predicted, average=average, zero_division=0)[:3]
    case["each"] = [list(map(float, row)) for row in zip(*metrics.precision_recall_fscore_support(actual, predicted, labels=range(classes), zero_division=0))]
    cases.append(case)

rankings = []
for count, steps in [(2, 1000), (10, 3), (50, 1000), (50, 5), (200, 20)]:
    positive = draws.rand(count) < 0.4
    positive[0], positive[1] = True, False
    scores = numpy.round((draws.rand(count) + 0.5 * positive) * steps) / 1024
    rankings.append({"positive": positive.tolist(), "scores": scores.tolist(), "auroc": metrics.roc_auc_score(positive, scores),
                     "ap": metrics.average_precision_score(positive, scores)})

with open("sklearn-scores.json", "w") as file:
    json.dump({"classes": cases, "rankings": rankings}, file)
