# BatchNorm calibration with PyTorch's own modules: momentum None is the cumulative average. Reads start.safetensors, writes expected.safetensors.
start, metadata = read("start.safetensors")
weights, choices = part(start, "student."), json.loads(metadata["choices"])
modules = {}


def module_norm(p, key, x):
    c = x.shape[1]
    if key not in modules:
        modules[key] = torch.nn.BatchNorm2d(c, momentum=None)
        modules[key].load_state_dict({"weight": p[key + ".weight"][:c], "bias": p[key + ".bias"][:c]}, strict=False)
    return modules[key](x)


with torch.no_grad():
    for batch in range(int(metadata["batches"])):
        embed(weights, start[f"batch{batch}"], choices, module_norm)
    for module in modules.values():
        module.eval()
    results = {"embedding": embed(weights, start["batch0"], choices, module_norm)}
for key, module in modules.items():
    results[key + ".mean"], results[key + ".variance"] = module.running_mean, module.running_var
write("expected.safetensors", results)
