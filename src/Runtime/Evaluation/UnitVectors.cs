using static TorchSharp.torch;

namespace DataSsl.Runtime.Evaluation;

/// <summary>Vectors of length 1, between which a product is the cosine.</summary>
public static class UnitVectors
{
    /// <summary>Rows over their lengths, in 64 bits: [N, C]. A row of zeros, which has no direction, stays so.</summary>
    public static Tensor Of(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return nn.functional.normalize(rows.cpu().to(ScalarType.Float64), dim: 1).MoveToOuterDisposeScope();
    }
}
