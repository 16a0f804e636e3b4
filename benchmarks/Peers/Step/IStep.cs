using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>A way to train a supernet.</summary>
internal interface IStep
{
    /// <summary>What of a step's work is not its own: it is done outside the measured time.</summary>
    void Prepare(IReadOnlyList<Architecture> architectures)
    {
    }

    /// <summary>One training step.</summary>
    /// <returns>The students' losses, scalars without gradients.</returns>
    IReadOnlyList<Tensor> Run(IReadOnlyList<Architecture> architectures);
}
