using System.Globalization;

namespace DataSsl.Torch.Distributed;

/// <summary>How a process learns, before it asks MPI, that a launcher started it as one of several.</summary>
public static class LaunchVariables
{
    /// <summary>Process of <c>datassl launch</c>, which ends its processes when it ends itself.</summary>
    public const string Launcher = "DATASSL_LAUNCHER";

    /// <summary>Of Open MPI's mpirun, of PMIx (srun --mpi=pmix) and of PMI (srun --mpi=pmi2).</summary>
    internal static readonly string[] Ranks = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"];

    /// <summary>How many processes were started together; 1 for a plain start, in a job of Slurm too.</summary>
    public static int Size =>
        !Ranks.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }) ? 1
        : Number("OMPI_COMM_WORLD_SIZE") ?? Number("PMI_SIZE") ?? Number("SLURM_STEP_NUM_TASKS") ?? Number("SLURM_NTASKS") ?? 1;

    /// <summary>The process of <c>datassl launch</c>, where that started this one.</summary>
    internal static int? LauncherProcess => Number(Launcher);

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
