"""Writes the small .pth files of ForeignTensorsTests with PyTorch: python3 record.py"""
import collections
import os

import torch

base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
state = collections.OrderedDict([
    ('conv.weight', base.clone()), ('turned', base.t()), ('part', base[1:3, 2:5]), ('half', base[0].half()), ('brain', base[1].bfloat16()), ('double', base[2].double()), ('count', torch.tensor(7)),
    ('whole', torch.tensor([1, -2, 300], dtype=torch.int32)), ('empty', torch.zeros(0, 3)), ('flags', torch.tensor([True, False]))])
torch.save(state, 'state.pth')
torch.save({'epoch': 3, 'best': 0.5, 'arch': 'resnet18', 'nothing': None, 'scores': [1, 2.5], 'state_dict': {'module.conv.weight': torch.nn.Parameter(base.clone())},
            'optimizer': {'state': {0: {'momentum_buffer': base[0].clone()}}, 'param_groups': [{'lr': 0.1, 'params': [0]}]}}, 'nested.pth')
torch.save(state, 'protocol4.pth', pickle_protocol=4)
torch.save(state, 'old.pth', _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 3).state_dict(), 'module-state.pth')
torch.save(torch.nn.Linear(2, 3), 'module.pth')


class Code:
    def __reduce__(self):
        return os.system, ('touch must-not-be-there',)


torch.save({'conv.weight': base.clone(), 'more': Code()}, 'code.pth')
