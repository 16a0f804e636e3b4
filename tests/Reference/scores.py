"""Scores of likeness by their definitions, in 64 bits: of maps, position by position; and of the embeddings of a student and a teacher."""
import torch
import torch.nn.functional as F

import seeded
from tiny_net import embed, project

RELATIONS = {
    "Relation": lambda s, t: -F.cross_entropy(s / 0.2, (t / 0.2).softmax(1), reduction="none"),
    "Cosine": lambda s, t: (s * t).sum(1),
    "Mse": lambda s, t: -(s - t).pow(2).sum(1),
}
EMBEDDINGS = {
    "Cosine": RELATIONS["Cosine"],
    "Mse": RELATIONS["Mse"],
    "Relation": lambda s, t: RELATIONS["Relation"](s @ t.T, t @ t.T),
    "OwnRelation": lambda s, t: RELATIONS["Relation"](s @ s.T, t @ t.T),
}
case, recorded = seeded.settings(__file__)["embeddings"], {}


def relations(shape, name):
    m = F.normalize(seeded.uniform(name, shape).double().flatten(2), dim=1)
    return torch.einsum("ncp,ncq->npq", m, m).flatten(0, 1)


# Another number of channels than the teacher's: only positions are compared.
teacher, student = relations((10, 3, 9, 9), "scores/teacher map"), relations((10, 2, 9, 9), "scores/student map")
for metric, of in RELATIONS.items():
    recorded[f"maps/{metric}"] = of(student, teacher).reshape(10, 81).mean(1)


def embeddings(side, choices, neck=True):
    weights = {key: seeded.parameter(f"scores/{side}.{key}", shape).double() for key, shape in case["weights"].items()}
    embedding = embed(weights, seeded.uniform("scores/images", case["images"], 3**0.5).double(), choices)
    return project(weights, embedding) if neck else embedding


s, t = embeddings("student", case["student"]), embeddings("teacher", case["teacher"])
for metric, of in EMBEDDINGS.items():
    recorded[f"embeddings/{metric}"] = of(s, t)
# The embedding before the neck among the images, and a foreign teacher's of another length.
foreign = F.normalize(seeded.uniform("scores/foreign", (6, 7)).double(), dim=1)
own = F.normalize(embeddings("student", case["student"], neck=False), dim=1)
recorded["embeddings/ForeignRelation"] = EMBEDDINGS["OwnRelation"](own, foreign)
seeded.write(__file__, recorded)
