# BatchNorm calibration: mean and unbiased variance of all that a layer is given, batch after batch, each normalised by itself. Reads start.safetensors, writes expected.safetensors.
start, metadata = read("start.safetensors")
weights, choices = part(start, "student."), json.loads(metadata["choices"])
given, modules = {}, {}


def gather(p, key, x):
    given.setdefault(key, []).append(x.double().transpose(0, 1).flatten(1))
    c = x.shape[1]
    return torch.nn.functional.batch_norm(x, None, None, p[key + ".weight"][:c], p[key + ".bias"][:c], training=True)


def use(p, key, x):
    return modules[key](x)


with torch.no_grad():
    for batch in range(int(metadata["batches"])):
        embed(weights, start[f"batch{batch}"], choices, gather)
    for key, parts in given.items():
        values = torch.cat(parts, 1)
        module = modules[key] = torch.nn.BatchNorm2d(len(values)).eval()
        module.load_state_dict({
            "weight": weights[key + ".weight"][:len(values)], "bias": weights[key + ".bias"][:len(values)],
            "running_mean": values.mean(1), "running_var": values.var(1)}, strict=False)
    results = {"embedding": embed(weights, start["batch0"], choices, use)}
for key, module in modules.items():
    results[key + ".mean"], results[key + ".variance"] = module.running_mean, module.running_var
write("expected.safetensors", results)
