# MoCo v2 on a supernet, step by step as the paper (Algorithm 1) or the released code has it. Reads start.safetensors, writes expected.safetensors.
start, metadata = read("start.safetensors")
o = json.loads(metadata["options"])
maximum, steps, released = json.loads(metadata["max"]), json.loads(metadata["architectures"]), o["rule"] == "Released"
student = {name: tensor.requires_grad_() for name, tensor in part(start, "student.").items()}
teacher, queue, position = part(start, "teacher."), start["queue"], 0
optimizer = torch.optim.SGD(student.values(), lr=0, momentum=o["momentum"], weight_decay=o["weightDecay"])
losses, results = [], {}


@torch.no_grad()
def forward_teacher(view):
    return project(teacher, embed(teacher, view, maximum))


@torch.no_grad()
def update_teacher():
    for name, tensor in teacher.items():
        tensor.copy_(o["teacherMomentum"] * tensor + (1 - o["teacherMomentum"]) * student[name])


@torch.no_grad()
def enqueue(keys):
    global position
    queue[:, position:position + len(keys)] = keys.t()
    position = (position + len(keys)) % queue.shape[1]


def loss_of(view, keys, choices):
    z = project(student, embed(student, view, choices))
    logits = torch.cat([(z * keys).sum(1, keepdim=True), z @ queue], 1) / o["temperature"]
    return F.cross_entropy(logits, torch.zeros(len(z), dtype=torch.long))


for step, (architectures, rate) in enumerate(zip(steps, json.loads(metadata["rates"]))):
    queries, keys_view = start[f"queries{step}"], start[f"keys{step}"]
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
        results.update({f"gradient.{name}": tensor.grad.clone() for name, tensor in student.items()})
    optimizer.param_groups[0]["lr"] = rate
    optimizer.step()
    if not released:
        update_teacher()
        enqueue(keys)

for name, tensor in student.items():
    results["student." + name] = tensor
    results["momentum." + name] = optimizer.state[tensor]["momentum_buffer"]
results.update({"teacher." + name: tensor for name, tensor in teacher.items()})
results.update({"queue": queue, "losses": torch.tensor(losses).reshape(len(steps), -1)})
write("expected.safetensors", results)
