using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>A module that outlives the scope that it is made in.</summary>
/// <param name="name">Of the module.</param>
public abstract class Part(string name) : Module(name)
{
    /// <summary>Takes weights and buffers out of the scope that the module is made in: they are freed with it, and not before.</summary>
    private protected void Keep()
    {
        foreach (var tensor in parameters().Concat(buffers())) tensor.DetachFromDisposeScope();
    }
}
