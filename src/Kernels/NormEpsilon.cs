namespace DataSsl.Kernels;

/// <summary>What norms add to a variance: one place for the supernet, what is emitted and what computes it.</summary>
internal static class NormEpsilon
{
    /// <summary>BatchNorm, GroupNorm and the LayerNorm between a detector's scales: PyTorch's, and torchvision's.</summary>
    public const double Batch = 1e-5;

    /// <summary>LayerNorm: that of vision transformers, as in timm.</summary>
    public const double Layer = 1e-6;
}
