"""torchvision's ResNet50: its keys and shapes, its maps, and what the Python of docs/deploy.md makes of weights that an emitted class left."""
import os
import tempfile

import torch
import torchvision

import seeded

docs = (seeded.HERE / "../../docs/deploy.md").read_text()
# Blocks that torchvision runs; the one after them is of ONNX Runtime.
blocks = [block.split("```")[0] for block in docs.split("```python\n")[1:]]
documented = "".join(blocks[:next(i for i, block in enumerate(blocks) if "onnxruntime" in block)])
assert "torchvision" in documented

images = seeded.uniform("resnet50/images", (2, 3, 64, 64), 3**0.5)
reference = torchvision.models.resnet50()
state = seeded.state_of(reference, "resnet50/", gain=3)
reference.load_state_dict(state, strict=True)
reference.eval()
with torch.no_grad():
    c2 = reference.layer1(reference.maxpool(reference.relu(reference.bn1(reference.conv1(images)))))
    c3 = reference.layer2(c2)
    c4 = reference.layer3(c3)
    c5 = reference.layer4(c4)
maps = [c2, c3, c4, c5, reference.avgpool(c5).flatten(1)]

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    seeded.save("Backbone.safetensors", {key: value for key, value in state.items() if not key.startswith("fc.")})
    names = {}
    exec(documented, names)
    classifier = torchvision.models.resnet50()
    classifier.load_state_dict(torch.load("Backbone.pth"))
    os.chdir(seeded.HERE)
classifier.fc = torch.nn.Identity()
classifier.eval(), names["detector"].eval()
with torch.no_grad():
    body = names["detector"].backbone.body(images)
    theirs = [body["0"], body["1"], body["2"], body["3"], classifier(images)]

seeded.write(__file__, {
    "keys": seeded.text("\n".join(f"{key} {'x'.join(map(str, value.shape))}" for key, value in state.items())),
    "shapes": torch.tensor([list(value.shape) + [1] * (4 - value.dim()) for value in maps]),
    "torchvision": torch.stack([seeded.sketch(value) for value in maps]),
    "documented": torch.stack([seeded.sketch(value) for value in theirs])})
