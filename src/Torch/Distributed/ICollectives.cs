using static TorchSharp.torch;

namespace DataSsl.Torch.Distributed;

/// <summary>What an engine of process groups can do with contiguous tensors of its device.</summary>
internal interface ICollectives
{
    /// <summary>Sums a tensor over the processes, in place; all get the same bits.</summary>
    void AllReduce(Tensor tensor);

    /// <summary>Writes the processes' tensors, of one shape, behind one another into <paramref name="all"/>, [size, …].</summary>
    void AllGather(Tensor tensor, Tensor all);

    /// <summary>Overwrites a tensor with that of one process.</summary>
    void Broadcast(Tensor tensor, int root);
}
