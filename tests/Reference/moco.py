"""Five steps of MoCo v2 on a supernet, one after the other, as the paper (Algorithm 1) or the released code has it, in 64 bits."""
import torch
import torch.nn.functional as F

import seeded
from tiny_net import embed, project

torch.set_default_dtype(torch.float64)


def run(name, case):
    released = case["rule"] == "Released"
    student = {key: seeded.parameter(f"moco/student.{key}", shape).double().requires_grad_() for key, shape in case["student"].items()}
    teacher = {key: seeded.parameter(f"moco/teacher.{key}", shape).double() for key, shape in case["student"].items()}
    queue, position = seeded.uniform("moco/queue", case["queue"], (3 / case["queue"][0]) ** 0.5).double(), 0
    optimizer = torch.optim.SGD(student.values(), lr=0, momentum=case["momentum"], weight_decay=case["weightDecay"])
    losses, results = [], {}

    @torch.no_grad()
    def forward_teacher(view):
        return project(teacher, embed(teacher, view, case["max"]))

    @torch.no_grad()
    def update_teacher():
        for key, tensor in teacher.items():
            tensor.copy_(case["teacherMomentum"] * tensor + (1 - case["teacherMomentum"]) * student[key])

    @torch.no_grad()
    def enqueue(keys):
        nonlocal position
        queue[:, position:position + len(keys)] = keys.t()
        position = (position + len(keys)) % queue.shape[1]

    def loss_of(view, keys, choices):
        z = project(student, embed(student, view, choices))
        logits = torch.cat([(z * keys).sum(1, keepdim=True), z @ queue], 1) / case["temperature"]
        return F.cross_entropy(logits, torch.zeros(len(z), dtype=torch.long))

    for step, (architectures, rate) in enumerate(zip(case["architectures"], case["rates"])):
        queries, keys_view = (seeded.uniform(f"moco/{step}/{view}", case["view"], 3**0.5).double() for view in ("queries", "keys"))
        optimizer.zero_grad(set_to_none=False)
        if released:
            for choices in architectures:
                update_teacher()
                keys = forward_teacher(keys_view)
                loss = loss_of(queries, keys, choices)
                loss.backward()
                losses.append(loss.item())
                enqueue(keys)
        else:
            keys = forward_teacher(keys_view)
            three = [loss_of(queries, keys, choices) for choices in architectures]
            sum(three).backward()
            losses += [loss.item() for loss in three]
        if step == 0:
            results[f"{name}/gradient"] = seeded.sketches({key: tensor.grad for key, tensor in student.items()})
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        if not released:
            update_teacher()
            enqueue(keys)

    after = {f"student.{key}": tensor for key, tensor in student.items()}
    after.update({f"momentum.{key}": optimizer.state[tensor]["momentum_buffer"] for key, tensor in student.items()})
    after.update({f"teacher.{key}": tensor for key, tensor in teacher.items()}, queue=queue)
    results.update({f"{name}/after": seeded.sketches(after), f"{name}/losses": torch.tensor(losses).reshape(len(case["rates"]), -1)})
    return results


recorded = {}
for name, case in seeded.settings(__file__).items():
    recorded.update(run(name, case))
seeded.write(__file__, recorded)
