"""BatchNorm calibration: mean and unbiased variance of all that a layer is given, batch after batch, each normalised by itself; and the network that uses them."""
import torch

import seeded
from tiny_net import embed


def run(name, case):
    weights = {key: seeded.parameter(f"calibration/{key}", shape) for key, shape in case["student"].items()}
    batches = [seeded.uniform(f"calibration/batch{i}", (count, 3, case["size"], case["size"]), 3**0.5) for i, count in enumerate(case["batches"])]
    given, modules = {}, {}

    def gather(p, key, x):
        given.setdefault(key, []).append(x.double().transpose(0, 1).flatten(1))
        c = x.shape[1]
        return torch.nn.functional.batch_norm(x, None, None, p[key + ".weight"][:c], p[key + ".bias"][:c], training=True)

    def use(p, key, x):
        return modules[key](x)

    with torch.no_grad():
        for batch in batches:
            embed(weights, batch, case["choices"], gather)
        for key, parts in given.items():
            values = torch.cat(parts, 1)
            module = modules[key] = torch.nn.BatchNorm2d(len(values)).eval()
            module.load_state_dict({
                "weight": weights[key + ".weight"][:len(values)], "bias": weights[key + ".bias"][:len(values)],
                "running_mean": values.mean(1), "running_var": values.var(1)}, strict=False)
        results = {f"{name}/embedding": embed(weights, batches[0], case["choices"], use)}
    for key, module in modules.items():
        results[f"{name}/{key}.mean"], results[f"{name}/{key}.variance"] = module.running_mean, module.running_var
    return results


recorded = {}
for name, case in seeded.settings(__file__).items():
    recorded.update(run(name, case))
seeded.write(__file__, recorded)
