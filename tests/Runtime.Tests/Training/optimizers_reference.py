# PyTorch's own SGD and AdamW, and LARS written plainly, on given gradients. Reads start.safetensors, writes expected.safetensors.
start, metadata = read("start.safetensors")
kind, rates, decays = metadata["kind"], json.loads(metadata["rates"]), json.loads(metadata["decays"])
parameters, late = part(start, "value."), metadata["late"]
groups = [{"params": [t for t in parameters.values() if t.dim() > 1]}, {"params": [t for t in parameters.values() if t.dim() == 1]}]
optimizer = torch.optim.AdamW(groups, lr=1) if kind == "AdamW" else torch.optim.SGD(groups, lr=1, momentum=0.9)
buffers = {}
clip = float(metadata["clip"])
for step, (rate, decay) in enumerate(zip(rates, decays)):
    for name, tensor in parameters.items():
        tensor.grad = None if name == late and step < int(metadata["frozen"]) else start[f"gradient{step}.{name}"]
        if tensor.grad is not None and clip > 0:
            torch.nn.utils.clip_grad_norm_([tensor], clip)
    if kind == "Lars":
        for name, tensor in parameters.items():
            if tensor.grad is None:
                continue
            update = tensor.grad
            if tensor.dim() > 1:
                update = update + (0 if name == metadata["depthwise"] else decay) * tensor
                update = update * (0.001 * tensor.norm() / update.norm())
            buffers[name] = 0.9 * buffers.get(name, 0) + update
            tensor -= rate * buffers[name]
        continue
    for group, own in zip(optimizer.param_groups, (decay, decay if metadata["vectors"] == "True" else 0)):
        group["lr"], group["weight_decay"] = rate, own
    optimizer.step()
write("expected.safetensors", parameters)
