"""Each objective on a supernet or a single network in plain PyTorch in 64 bits: what five steps, each from a state of its own, make of losses, gradients, weights, momentum, teacher and memory."""
import math

import numpy as np
import torch
import torch.nn.functional as F

import seeded
from tiny_net import last_map

torch.set_default_dtype(torch.float64)

# A ReLU's input next to 0 may fall on the other side in 32 bits, and a match of two equally near positions on the other one: gradients then jump by a thousandth, whoever computes them.
# Views that come so near are replaced by others.
clearance = []
relu = F.relu


def watched(x):
    clearance.append(x.detach().abs().min().item())
    return relu(x)


F.relu = watched


def published_terms(name, views):
    """SSLight's pairs of views and what they count for, from its paper and released code; None for other methods, whose pairs the settings say."""
    if not name.startswith("sslight-"):
        return None
    # View 0 alone gives MoCo's key; of SwAV and DINO either global view is the target of all other views.
    targets = [0] if "moco" in name else [0, 1]
    pairs = [(t, p) for t in targets for p in range(views) if p != t]
    of_globals = [pair for pair in pairs if pair[1] < 2]
    others = len(pairs) - len(of_globals)
    return [{"target": t, "prediction": p, "weight": 0.4 / len(of_globals) if p < 2 else 0.6 / others} for t, p in pairs]


def run(name, case):
    kind, o, plan = case["kind"], case["objective"], case["plan"]
    distill = o if kind.startswith("distill") else None
    beside = distill and distill["beside"]
    if beside:
        kind, o = kind.split(" and ")[1], beside
    optim, length, largest = case["optimizer"], case["run"], case["largest"]
    follows = case["teacherArchitecture"] == "Student"
    terms, sizes = published_terms(name, len(plan["sizes"])) or plan["terms"], plan["sizes"]
    targets = sorted({t["target"] for t in terms})
    positions = {key: 0 for key in case["kept"]}
    results, losses, attempts = {}, [], []

    def linear(p, key, x):
        return F.linear(x, p[key + ".weight"][:, :x.shape[-1]], p.get(key + ".bias"))

    def norm(p, key, x):
        return F.batch_norm(x, None, None, p[key + ".weight"], p[key + ".bias"], training=True)

    def projected(p, e):
        if kind in ("moco-v2", "ressl", "densecl", "distill"):
            return linear(p, "neck.mlp.2", F.relu(linear(p, "neck.mlp.0", e)))
        if kind == "simclr":
            y = linear(p, "neck.mlp.3", F.relu(norm(p, "neck.mlp.1", linear(p, "neck.mlp.0", e))))
            return F.batch_norm(y, None, None, None, None, training=True)
        if kind in ("byol", "swav"):
            return linear(p, "neck.mlp.3", F.relu(norm(p, "neck.mlp.1", linear(p, "neck.mlp.0", e))))
        y = F.gelu(norm(p, "neck.mlp.1", linear(p, "neck.mlp.0", e)))
        y = F.gelu(norm(p, "neck.mlp.4", linear(p, "neck.mlp.3", y)))
        return linear(p, "neck.mlp.6", y)

    def output(p, x, choices, is_student):
        feature = last_map(p, x, choices)
        y = projected(p, feature.mean((2, 3)))
        if kind == "byol" and is_student:
            y = linear(p, "predictor.3", F.relu(norm(p, "predictor.1", linear(p, "predictor.0", y))))
        out = {"z": F.normalize(y, dim=1)}
        if distill and is_student:
            out["map"] = feature
            out["foreign"] = out["z"]
            if beside:
                e = feature.mean((2, 3))
                out["foreign"] = F.normalize(linear(p, "foreign.2", F.relu(linear(p, "foreign.0", e))), dim=1)
        if kind == "densecl":
            flat = feature.flatten(2).transpose(1, 2)
            grid = linear(p, "neck.dense.2", F.relu(linear(p, "neck.dense.0", flat)))
            out.update(features=flat.detach(), grid=F.normalize(grid, dim=2), pooled=F.normalize(grid.sum(1) / grid.shape[1], dim=1))
        if kind == "swav":
            out["scores"] = out["z"] @ p["prototypes.weight"].t()
        if kind == "dino":
            v = p["prototypes.weight"]
            out["scores"] = out["z"] @ (p.get("prototypes.gain", 1) * v / v.norm(dim=1, keepdim=True)).t()
        return out

    def outputs(p, views, choices, which, is_student):
        bundles = [[v] for v in which]
        if kind != "byol":
            bundles = [[v for v in which if sizes[v] == size] for size in dict.fromkeys(sizes[v] for v in which)]
        found = {}
        for bundle in bundles:
            out = output(p, torch.cat([views[v] for v in bundle]), choices, is_student)
            n = len(views[0])
            for i, v in enumerate(bundle):
                found[v] = {name: value[i * n:(i + 1) * n] for name, value in out.items()}
        return found

    def info_nce(q, k, queue, tau):
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue], 1) / tau
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long))

    def sinkhorn(scores):
        q = torch.exp(scores / o["epsilon"]).t()
        q /= q.sum()
        for _ in range(o["iterations"]):
            q /= q.sum(1, keepdim=True)
            q /= q.shape[0]
            q /= q.sum(0, keepdim=True)
            q /= q.shape[1]
        return (q * q.shape[1]).t()

    def compare(s, t, step):
        if kind == "moco-v2":
            return info_nce(s["z"], t["z"], kept["queue"], o["temperature"])
        if kind == "ressl":
            target = F.softmax(t["z"] @ kept["queue"] / o["teacherTemperature"], 1)
            return -(target * F.log_softmax(s["z"] @ kept["queue"] / o["temperature"], 1)).sum(1).mean()
        if kind == "byol":
            return 2 * (2 - 2 * (s["z"] * t["z"]).sum(1)).mean()
        if kind == "densecl":
            c = s["features"].shape[2]
            cosine = torch.einsum("ntc,nuc->ntu", F.normalize(s["features"], dim=2), F.normalize(t["features"][:, :, :c], dim=2))
            match = cosine.argmax(2)
            best = cosine.topk(2, dim=2).values
            clearance.append((best[..., 0] - best[..., 1]).min().item())
            positive = torch.stack([t["grid"][i][match[i]] for i in range(len(match))])
            dense = info_nce(s["grid"].flatten(0, 1), positive.flatten(0, 1), kept["denseQueue"], o["temperature"])
            return (1 - o["denseWeight"]) * info_nce(s["z"], t["z"], kept["queue"], o["temperature"]) + o["denseWeight"] * dense
        if kind == "dino":
            warm, epoch = o["warmEpochs"], step // length["stepsPerEpoch"]
            tau = np.linspace(o["warmTeacherTemperature"], o["teacherTemperature"], warm)[epoch] if epoch < warm else o["teacherTemperature"]
            target = F.softmax((t["scores"] - kept["centre"]) / float(tau), 1)
            return -(target * F.log_softmax(s["scores"] / o["temperature"], 1)).sum(1).mean()

    def similarities(z, own, tau):
        return torch.cat([(z * own).sum(1, keepdim=True), z @ kept["teacherQueue"]], 1) / tau

    def relations(x, sides):
        m = F.normalize(F.adaptive_avg_pool2d(x, sides).flatten(2), dim=1)
        return m.transpose(1, 2) @ m / 0.2

    def foreign_loss(found, v):
        z, said, said_map = found["foreign"], *foreign[v]
        if distill["loss"] == 1:
            loss = 1 - (z * said).sum(1).mean()
        else:
            target = F.softmax(similarities(said, said, distill["teacherTemperature"]), 1)
            loss = -(target * F.log_softmax(similarities(z, said, distill["temperature"]), 1)).sum(1).mean()
        if distill["spatialWeight"]:
            sides = [min(a, b) for a, b in zip(found["map"].shape[2:], said_map.shape[2:])]
            target = F.softmax(relations(said_map, sides), 2)
            loss = loss + distill["spatialWeight"] * -(target * F.log_softmax(relations(found["map"], sides), 2)).sum(2).mean()
        return loss

    def student_loss(found, taught, step):
        if not distill:
            return own_loss(found, taught, step)
        loss = sum(t["weight"] * foreign_loss(found[t["prediction"]], t["prediction"]) for t in terms)
        return distill["weight"] * loss + (1 - distill["weight"]) * own_loss(found, taught, step) if beside else loss

    def own_loss(found, taught, step):
        if kind == "simclr":
            n = len(found[0]["z"])
            z = torch.cat([found[0]["z"], found[1]["z"]])
            logits = z @ z.t() / o["temperature"] - 1e9 * torch.eye(2 * n)
            return F.cross_entropy(logits, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))
        if kind == "swav":
            codes = {}
            for v in targets:
                scores = found[v]["scores"].detach()
                if queue_full(step, len(scores)):
                    scores = torch.cat([kept[f"queue{v}"].t() @ student["prototypes.weight"].detach().t(), scores])
                codes[v] = sinkhorn(scores)[-len(found[v]["scores"]):]
            return sum(-t["weight"] * (codes[t["target"]] * F.log_softmax(found[t["prediction"]]["scores"] / o["temperature"], 1)).sum(1).mean() for t in terms)
        return sum(t["weight"] * compare(found[t["prediction"]], taught[t["target"]], step) for t in terms)

    def queue_full(step, n):
        return o.get("queueLength", 0) > 0 and (step - o["queueStartEpoch"] * length["stepsPerEpoch"]) * n >= o["queueLength"]

    def enqueue(name, keys):
        at = positions[name]
        kept[name][:, at:at + len(keys)] = keys.t()
        positions[name] = (at + len(keys)) % kept[name].shape[1]

    def remember(found, step):
        if kind in ("moco-v2", "ressl", "densecl"):
            enqueue("queue", found[targets[0]]["z"])
        if kind == "densecl":
            enqueue("denseQueue", found[targets[0]]["pooled"])
        if kind == "swav" and o["queueLength"] and step // length["stepsPerEpoch"] >= o["queueStartEpoch"]:
            for v in targets:
                enqueue(f"queue{v}", found[v]["z"])
        if kind == "dino":
            centre = torch.cat([found[v]["scores"] for v in targets]).mean(0)
            kept["centre"] = o["centreMomentum"] * kept["centre"] + (1 - o["centreMomentum"]) * centre

    def cosine(a, b, step):
        return b + (a - b) * 0.5 * (1 + math.cos(math.pi * step / length["steps"]))

    frozen_steps = o.get("freezeEpochs", 0) * length["stepsPerEpoch"]

    @torch.no_grad()
    def optimize(step, rate):
        decay = cosine(optim["weightDecay"], optim["finalWeightDecay"], step) if optim["finalWeightDecay"] is not None else optim["weightDecay"]
        for key, tensor in student.items():
            if key.startswith("prototypes.") and step < frozen_steps:
                continue
            update, lars = tensor.grad, optim["kind"] == "Lars"
            if tensor.dim() > 1 or (optim["decayVectors"] and not lars):
                update = update + decay * tensor
            if tensor.dim() > 1 and lars:
                update = update * (0.001 * tensor.norm() / update.norm() if tensor.norm() > 0 and update.norm() > 0 else 1)
            momentum[key] = optim["momentum"] * momentum[key] + update
            tensor -= rate * momentum[key]

    def state():
        found = {f"student.{key}": value for key, value in student.items()}
        found.update({f"momentum.{key}": value for key, value in momentum.items()})
        found.update({f"teacher.{key}": value for key, value in teacher.items()})
        found.update(kept)
        return {key: value.detach().clone() for key, value in found.items()}

    for step, (architectures, rate) in enumerate(zip(case["architectures"], case["rates"])):
        at = f"{name}/{step}/"
        student = {key: seeded.parameter(f"{at}student.{key}", shape).double().requires_grad_() for key, shape in case["student"].items()}
        teacher = {key: seeded.parameter(f"{at}teacher.{key}", case["student"][key]).double() for key in case["teacher"]}
        # Keys of about unit length, one a column; a centre about 0.
        kept = {key: seeded.uniform(at + key, shape, (3 / shape[0]) ** 0.5 if len(shape) > 1 else 0.1).double() for key, shape in case["kept"].items()}
        still = lambda key: step == 0 or (key.startswith("prototypes.") and step < frozen_steps)
        momentum = {key: seeded.uniform(f"{at}momentum.{key}", shape, 0 if still(key) else 0.01).double() for key, shape in case["student"].items()}
        foreign = {v: (F.normalize(seeded.uniform(f"{at}foreign{v}", (case["images"], distill["dimension"])).double(), dim=1),
                       seeded.uniform(f"{at}foreignMap{v}", (case["images"], 10, 3, 3)).double()) for v in plan["students"]} if distill else {}
        before = state()
        if kind == "swav":
            with torch.no_grad():
                student["prototypes.weight"].copy_(F.normalize(student["prototypes.weight"], dim=1))
        for attempt in range(200):
            views = [seeded.uniform(f"{at}view{v}/{attempt}", (case["images"], 3, size, size), 3**0.5).double() for v, size in enumerate(sizes)]
            clearance.clear()
            with torch.no_grad():
                taught = [outputs(teacher, views, choices if follows else largest, targets, False) if teacher else None for choices in architectures]
            found = [outputs(student, views, choices, plan["students"], True) for choices in architectures]
            each = [student_loss(f, t, step) for f, t in zip(found, taught)]
            if min(clearance) > 3e-6:
                break
        else:
            raise RuntimeError(f"{name}: no views keep clear of every kink")
        attempts.append(attempt)
        for tensor in student.values():
            tensor.grad = torch.zeros_like(tensor)
        sum(each).backward()
        losses += [loss.item() for loss in each]
        results[f"{at}gradient"] = seeded.sketches({key: tensor.grad for key, tensor in student.items()})
        optimize(step, rate)
        with torch.no_grad():
            if teacher:
                m = o["teacherMomentum"] if kind not in ("byol", "dino") else cosine(o["teacherMomentum"], 1, step)
                for key, tensor in teacher.items():
                    tensor.copy_(m * tensor + (1 - m) * student[key])
            remember(taught[0] or found[0], step)
            if "teacherQueue" in kept:
                enqueue("teacherQueue", foreign[plan["students"][0]][0])
        after = state()
        results[f"{at}change"] = seeded.sketches({key: after[key] - before[key] for key in after})

    results[f"{name}/losses"] = torch.tensor(losses).reshape(len(case["rates"]), -1)
    results[f"{name}/attempts"] = torch.tensor(attempts)
    return results


recorded = {}
for name, case in seeded.settings(__file__).items():
    recorded.update(run(name, case))
seeded.write(__file__, recorded)
