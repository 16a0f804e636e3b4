"""PyTorch's own SGD and AdamW, and LARS written plainly, over five given gradients of each parameter, in 64 bits: what they add to it."""
import torch

import seeded


def run(name, case):
    parameters = {key: seeded.uniform(f"optimizers/{key}", shape).double() for key, shape in case["parameters"].items()}
    before = {key: tensor.clone() for key, tensor in parameters.items()}
    groups = [{"params": [t for t in parameters.values() if t.dim() > 1]}, {"params": [t for t in parameters.values() if t.dim() == 1]}]
    optimizer = torch.optim.AdamW(groups, lr=1) if case["kind"] == "AdamW" else torch.optim.SGD(groups, lr=1, momentum=0.9)
    buffers = {}
    for step, (rate, decay) in enumerate(zip(case["rates"], case["decays"])):
        for key, tensor in parameters.items():
            tensor.grad = None if key == case["late"] and step < case["frozen"] else seeded.uniform(f"optimizers/{step}/{key}", tensor.shape).double()
            if tensor.grad is not None and case["clip"] > 0:
                torch.nn.utils.clip_grad_norm_([tensor], case["clip"])
        if case["kind"] == "Lars":
            for key, tensor in parameters.items():
                if tensor.grad is None:
                    continue
                update = tensor.grad
                if tensor.dim() > 1:
                    update = update + (0 if key == case["depthwise"] else decay) * tensor
                    update = update * (0.001 * tensor.norm() / update.norm())
                buffers[key] = 0.9 * buffers.get(key, 0) + update
                tensor -= rate * buffers[key]
            continue
        for group, own in zip(optimizer.param_groups, (decay, decay if case["decayVectors"] else 0)):
            group["lr"], group["weight_decay"] = rate, own
        optimizer.step()
    return {name: seeded.sketches({key: tensor - before[key] for key, tensor in parameters.items()})}


recorded = {}
for name, case in seeded.settings(__file__).items():
    recorded.update(run(name, case))
seeded.write(__file__, recorded)
