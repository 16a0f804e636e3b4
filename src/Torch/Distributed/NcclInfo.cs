namespace DataSsl.Torch.Distributed;

/// <summary>Which NCCL processes on CUDA devices would compute by, for reports.</summary>
public static class NcclInfo
{
    /// <summary>Such as <c>2.27.5</c>; null where it is missing.</summary>
    public static string? Version => Nccl.Version();

    /// <summary>What to do where it is missing.</summary>
    public const string Mend = "NCCL's library libnccl.so.2 is missing: install NVIDIA's libnccl2, or have the folder of another one in "
        + "LD_LIBRARY_PATH";
}
