namespace DataSsl.Torch.Distributed;

/// <summary>Which MPI several processes would meet by, for reports.</summary>
public static class MpiInfo
{
    /// <summary>Such as <c>Open MPI v4.1.4</c>; null where it is missing.</summary>
    public static string? Version => Mpi.Version();

    /// <summary>What to do where it is missing.</summary>
    public const string Mend = "Open MPI's library libmpi.so.40 is missing: install it (Debian and Ubuntu: apt install openmpi-bin)";
}
