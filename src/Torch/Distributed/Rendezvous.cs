using System.Globalization;

namespace DataSsl.Torch;

/// <summary>Who a process is in its group, and where the group meets.</summary>
/// <param name="Rank">This process's number, from 0.</param>
/// <param name="Size">Processes in the group.</param>
/// <param name="LocalRank">This process's number among those of its machine, from 0.</param>
/// <param name="Address">Machine of rank 0.</param>
/// <param name="Port">TCP port there.</param>
public sealed record Rendezvous(int Rank, int Size, int LocalRank, string Address, int Port)
{
    /// <summary>Whether a launcher's agent listens on the port already, as torchrun's does; otherwise rank 0 listens itself.</summary>
    public bool HasAgent { get; init; }

    /// <summary>Keeps the keys of a launcher's attempts apart in the agent's store.</summary>
    public string Prefix { get; init; } = "datassl";

    /// <summary>PyTorch's <c>env://</c>: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and, where there is one, LOCAL_RANK. Null where neither RANK nor WORLD_SIZE is set.</summary>
    /// <exception cref="FormatException">A variable is missing or wrong; the message names it.</exception>
    public static Rendezvous? FromEnvironment()
    {
        if (Variable("RANK") is null && Variable("WORLD_SIZE") is null) return null;
        var size = Number("WORLD_SIZE", 1, int.MaxValue);
        var rank = Number("RANK", 0, size - 1);
        var localRank = Variable("LOCAL_RANK") is null ? rank : Number("LOCAL_RANK", 0, rank);
        if (size == 1) return new(rank, size, localRank, "", 0);
        var address = Variable("MASTER_ADDR") ?? throw new FormatException("MASTER_ADDR is not set: give the machine of rank 0");
        return new(rank, size, localRank, address, Number("MASTER_PORT", 1, 65535))
        {
            HasAgent = Variable("TORCHELASTIC_USE_AGENT_STORE") == "True",
            Prefix = $"datassl/{Variable("TORCHELASTIC_RESTART_COUNT") ?? "0"}",
        };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int Number(string name, int low, int high) =>
        int.TryParse(Variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high
            ? number
            : throw new FormatException($"{name} is '{Variable(name)}': give a whole number from {low}{(high == int.MaxValue ? "" : $" to {high}")}");
}
