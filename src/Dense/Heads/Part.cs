using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace DataSsl.Dense.Heads;

/// <summary>A module that frees the modules within it, which TorchSharp's own leave to the collector.</summary>
/// <param name="name">Of the module.</param>
public abstract class Part(string name) : Module(name)
{
    /// <summary>Takes weights and buffers out of the scope that the module is made in: they are freed with it, and not before.</summary>
    private protected void Keep()
    {
        foreach (var tensor in parameters().Concat(buffers())) tensor.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) foreach (var child in children()) child.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The same with one map as input and output.</summary>
internal abstract class Layer(string name) : Module<Tensor, Tensor>(name)
{
    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) foreach (var child in children()) child.Dispose();
        base.Dispose(disposing);
    }
}
