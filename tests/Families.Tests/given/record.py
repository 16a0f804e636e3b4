"""Records what torchvision's networks give with weights of a formula: networks.txt, a line for each tensor (library's name, timm's name, shape) and the values of the embedding. The test makes the same weights.

    python3 record.py > networks.txt
"""
import re
import zlib

import numpy as np
import torch
import torchvision


def draws(name, count):
    """Numbers in [-1, 1), the same in every language: a hash of the place and of the name's CRC-32."""
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    h ^= h >> 16
    h = (h * 0x45D9F3B) & 0xFFFFFFFF
    h ^= h >> 16
    return h.astype(np.float64) / 2 ** 31 - 1


def values(name, shape):
    u = draws(name, int(np.prod(shape)))
    if len(shape) > 1 and shape[0] > 1:
        v = u * np.sqrt(3.0 / np.prod(shape[1:]))
    else:
        v = 0.1 * u
        if name.endswith('running_var') or (name.endswith('weight') and len(shape) == 1):
            v += 1
    return torch.tensor(v.astype(np.float32).reshape(shape))


def mobile(name):
    """timm's name, block by block as timm builds mobilenetv2_100."""
    counts, place = [1, 2, 3, 4, 3, 3, 1], 1
    blocks = {}
    for stage, count in enumerate(counts):
        for block in range(count):
            blocks[place] = (stage, block)
            place += 1
    m = re.match(r'features\.(\d+)\.(.*)', name)
    if not m:
        return 'classifier.' + name.split('.')[-1]
    at, rest = int(m[1]), m[2]
    if at == 0:
        return rest.replace('0.', 'conv_stem.', 1) if rest.startswith('0.') else rest.replace('1.', 'bn1.', 1)
    if at == place:
        return rest.replace('0.', 'conv_head.', 1) if rest.startswith('0.') else rest.replace('1.', 'bn2.', 1)
    parts = {'conv.0.0.': 'conv_dw.', 'conv.0.1.': 'bn1.', 'conv.1.': 'conv_pw.', 'conv.2.': 'bn2.'} if at == 1 else {
        'conv.0.0.': 'conv_pw.', 'conv.0.1.': 'bn1.', 'conv.1.0.': 'conv_dw.', 'conv.1.1.': 'bn2.', 'conv.2.': 'conv_pwl.', 'conv.3.': 'bn3.'}
    ours = next(k for k in parts if rest.startswith(k))
    return 'blocks.%d.%d.%s' % (*blocks[at], parts[ours] + rest[len(ours):])


def transformer(name):
    """timm's name of vit_tiny_patch16_224's tensors."""
    name = name.replace('conv_proj', 'patch_embed.proj').replace('class_token', 'cls_token').replace('encoder.pos_embedding', 'pos_embed').replace('encoder.ln.', 'norm.')
    name = re.sub(r'encoder\.layers\.encoder_layer_(\d+)\.', r'blocks.\1.', name)
    for theirs, ours in [('ln_1', 'norm1'), ('ln_2', 'norm2'), ('self_attention.in_proj_', 'attn.qkv.'), ('self_attention.out_proj', 'attn.proj'), ('mlp.linear_1', 'mlp.fc1'), ('mlp.linear_2', 'mlp.fc2'),
                         ('mlp.0.', 'mlp.fc1.'), ('mlp.3.', 'mlp.fc2.'), ('heads.head', 'head')]:
        name = name.replace(theirs, ours)
    return name


def record(title, net, size, timm, drop):
    state = net.state_dict()
    for name in state:
        if state[name].dtype == torch.float32:
            state[name] = values(name, tuple(state[name].shape))
    net.load_state_dict(state)
    for part in drop:
        setattr(net, part, torch.nn.Identity())
    net.eval()
    with torch.no_grad():
        out = net(values('images', (2, 3, size, size)) * np.float32(np.sqrt(3 * size * size)))
    print('network', title, size)
    for name in state:
        print('tensor', name, timm(name), ','.join(map(str, state[name].shape)) or '-')
    print('embedding', ','.join('%.9g' % v for v in out[:, ::max(1, out.shape[1] // 16)].flatten().tolist()))


torch.set_num_threads(1)
record('resnet18', torchvision.models.resnet18(), 64, lambda n: n, ['fc'])
record('resnet50', torchvision.models.resnet50(), 64, lambda n: n, ['fc'])
record('mobilenet_v2', torchvision.models.mobilenet_v2(), 64, mobile, ['classifier'])
record('vit_tiny', torchvision.models.vision_transformer.VisionTransformer(image_size=224, patch_size=16, num_layers=12, num_heads=3, hidden_dim=192, mlp_dim=768), 224, transformer, ['heads'])
