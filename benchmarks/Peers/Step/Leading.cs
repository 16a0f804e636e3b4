using static TorchSharp.torch;

namespace DataSsl.Peers.Step;

/// <summary>The slices of a supernet.</summary>
internal static class Leading
{
    /// <summary>
    /// The first entries of a dimension; the tensor itself where that is all of it, so that the largest network pays for no slicing.
    /// </summary>
    public static Tensor Of(Tensor whole, int dimension, long count) =>
        whole.shape[dimension] == count ? whole : whole.narrow(dimension, 0, count);
}
