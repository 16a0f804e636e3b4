# Each objective on a supernet or a single network in plain PyTorch in 64 bits, step by step: losses, gradients, optimizer, teacher, memory. For each folder: reads start.safetensors, writes expected.safetensors.
import glob
import math
import os

torch.set_default_dtype(torch.float64)

# A ReLU's input next to 0 may fall on the other side in 32 bits, and a match of two equally near positions on the other one: gradients then jump by a thousandth, whoever computes them.
# Views that come so near are replaced by others.
clearance = []
relu = F.relu


def watched(x):
    clearance.append(x.detach().abs().min().item())
    return relu(x)


F.relu = watched


def run():
    start, metadata = read("start.safetensors")
    start = {name: tensor.double() for name, tensor in start.items()}
    o, plan = json.loads(metadata["objective"]), json.loads(metadata["plan"])
    optim, length = json.loads(metadata["optimizer"]), json.loads(metadata["run"])
    largest, steps = json.loads(metadata["largest"]), json.loads(metadata["architectures"])
    kind, terms, sizes = metadata["kind"], plan["terms"], plan["sizes"]
    targets = sorted({t["target"] for t in terms})
    student = {name: tensor.requires_grad_() for name, tensor in part(start, "student.").items()}
    teacher = part(start, "teacher.")
    kept = part(start, "kept.")
    positions = {name: 0 for name in kept}
    results, losses = {}, []

    def linear(p, key, x):
        return F.linear(x, p[key + ".weight"][:, :x.shape[-1]], p.get(key + ".bias"))

    def norm(p, key, x):
        return F.batch_norm(x, None, None, p[key + ".weight"], p[key + ".bias"], training=True)

    def projected(p, e):
        if kind in ("moco-v2", "ressl", "densecl"):
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
        if kind == "densecl":
            flat = feature.flatten(2).transpose(1, 2)
            grid = linear(p, "neck.dense.2", F.relu(linear(p, "neck.dense.0", flat)))
            out.update(features=flat.detach(), grid=F.normalize(grid, dim=2), pooled=F.normalize(grid.sum(1) / grid.shape[1], dim=1))
        if kind == "swav":
            out["scores"] = out["z"] @ p["prototypes.weight"].t()
        if kind == "dino":
            v = p["prototypes.weight"]
            out["scores"] = out["z"] @ (v / v.norm(dim=1, keepdim=True)).t()
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

    def student_loss(found, taught, step):
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
    buffers = {}
    matrices = [t for name, t in student.items() if t.dim() > 1 and name != "prototypes.weight"]
    vectors = [t for name, t in student.items() if t.dim() == 1]
    late = [t for name, t in student.items() if name == "prototypes.weight"]
    if optim["kind"] == "AdamW":
        optimizer = torch.optim.AdamW([{"params": matrices + late}, {"params": vectors, "weight_decay": 0}], lr=1, weight_decay=1)
    elif optim["kind"] == "Sgd":
        optimizer = torch.optim.SGD([{"params": matrices + late}, {"params": vectors}], lr=1, momentum=optim["momentum"], weight_decay=1)

    @torch.no_grad()
    def optimize(step, rate):
        decay = cosine(optim["weightDecay"], optim["finalWeightDecay"], step) if optim["finalWeightDecay"] is not None else optim["weightDecay"]
        if step < frozen_steps:
            for tensor in late:
                tensor.grad = None
        if optim["kind"] == "Lars":
            for name, tensor in student.items():
                if tensor.grad is None:
                    continue
                update = tensor.grad
                if tensor.dim() > 1:
                    update = update + decay * tensor
                    update = update * (0.001 * tensor.norm() / update.norm() if tensor.norm() > 0 and update.norm() > 0 else 1)
                buffers[name] = optim["momentum"] * buffers.get(name, 0) + update
                tensor -= rate * buffers[name]
            return
        for group, decays in zip(optimizer.param_groups, (True, optim["kind"] == "Sgd" and optim["decayVectors"])):
            group["lr"], group["weight_decay"] = rate, decay if decays else 0
        optimizer.step()

    def keep(step):
        results.update({f"{step}.student.{name}": tensor.detach().clone() for name, tensor in student.items()})
        results.update({f"{step}.teacher.{name}": tensor.clone() for name, tensor in teacher.items()})
        results.update({f"{step}.{name}": tensor.clone() for name, tensor in kept.items()})
        for name, tensor in student.items():
            own = buffers.get(name) if optim["kind"] == "Lars" else optimizer.state[tensor].get("momentum_buffer")
            results[f"{step}.momentum.{name}"] = torch.zeros_like(tensor) if own is None else own.clone()

    for step, (architectures, rate) in enumerate(zip(steps, json.loads(metadata["rates"]))):
        keep(step)
        given = [start[f"view{step}.{v}"] for v in range(len(sizes))]
        if kind == "swav":
            with torch.no_grad():
                student["prototypes.weight"].copy_(F.normalize(student["prototypes.weight"], dim=1))
        for attempt in range(200):
            torch.manual_seed(attempt)
            views = [(view + 0.1 * torch.randn(view.shape)).float().double() for view in given]
            clearance.clear()
            with torch.no_grad():
                taught = outputs(teacher, views, largest, targets, False) if teacher else None
            found = [outputs(student, views, choices, plan["students"], True) for choices in architectures]
            each = [student_loss(f, taught, step) for f in found]
            if min(clearance) > 3e-6:
                break
        else:
            raise RuntimeError(f"{kind}: no views keep clear of every kink")
        results.update({f"view{step}.{v}": view for v, view in enumerate(views)})
        for tensor in student.values():
            tensor.grad = torch.zeros_like(tensor)
        sum(each).backward()
        losses += [loss.item() for loss in each]
        results.update({f"{step}.gradient.{name}": tensor.grad.clone() for name, tensor in student.items()})
        optimize(step, rate)
        with torch.no_grad():
            if teacher:
                m = o["teacherMomentum"] if kind not in ("byol", "dino") else cosine(o["teacherMomentum"], 1, step)
                for name, tensor in teacher.items():
                    tensor.copy_(m * tensor + (1 - m) * student[name])
            remember(taught or found[0], step)

    keep(len(steps))
    results["losses"] = torch.tensor(losses).reshape(len(steps), -1)
    write("expected.safetensors", results)


for folder in sorted(glob.glob("*/")):
    os.chdir(folder)
    run()
    os.chdir("..")
