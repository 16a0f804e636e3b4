"""Rank 1 of a group of two: answers rank 0's operations by torch.distributed's own Gloo, then waits to be killed if told to."""
import datetime
import sys

import torch
import torch.distributed as dist

port, ending = int(sys.argv[1]), sys.argv[2]
store = dist.PrefixStore("datassl", dist.TCPStore("127.0.0.1", port, None, False, datetime.timedelta(seconds=60)))
group = dist.ProcessGroupGloo(store, 1, 2, datetime.timedelta(seconds=60))

total = torch.tensor([10.0, 20.0, 30.0])
group.allreduce([total]).wait()
assert total.tolist() == [11, 22, 33], total

# bfloat16 travels in 32 bits.
wide = torch.full((8,), 2.0)
group.allreduce([wide]).wait()
assert wide.tolist() == [3] * 8, wide

gathered = [torch.empty(2, 2), torch.empty(2, 2)]
group.allgather([gathered], [torch.tensor([[5.0, 6], [7, 8]])]).wait()
assert gathered[0].tolist() == [[1, 2], [3, 4]], gathered

told = torch.zeros(2, dtype=torch.int64)
options = dist.BroadcastOptions()
options.rootRank, options.rootTensor = 0, 0
group.broadcast([told], options).wait()
assert told.tolist() == [7, 9], told

# Rank 0's loss is 3 * sum, this one's 4 * sum: forward the sum of x and 2, backward that of 3 and 4.
term, gradient = torch.tensor([2.0]), torch.tensor([4.0])
group.allreduce([term]).wait()
group.allreduce([gradient]).wait()
assert (term.item(), gradient.item()) == (7, 7), (term, gradient)

group.allreduce([torch.ones(1, dtype=torch.int32)]).wait()
if ending == "stay":
    print("ready", flush=True)
    sys.stdin.read()
