using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// Deals the batch of a step to the processes of a run, so that together they compute what one process computes with the same groups of
/// BatchNorm statistics: several groups are dealt whole, and where there is one, BatchNorm is synchronised over all processes.
/// </summary>
/// <remarks>
/// Queries are dealt as neighbours and keys as every n-th image, which is MoCo's shuffling: no query shares its statistics with its key.
/// Each process makes the views that it needs, so no image travels; the keys that come out are gathered.
/// </remarks>
public sealed class BatchDeal
{
    private readonly int size;
    private readonly int rank;
    private readonly bool together;

    /// <summary>Deals <paramref name="groups"/> groups of equal size to the processes; null for one process.</summary>
    /// <exception cref="UserException">There are several groups, and they do not fit the processes.</exception>
    public BatchDeal(int groups, ProcessGroup? processes)
    {
        (Processes, size, rank) = (processes, processes?.Size ?? 1, processes?.Rank ?? 0);
        together = groups == 1;
        Check(size, groups, size);
        PartsOfAll = together ? size : groups;
    }

    /// <summary>Refuses a batch, or groups of it, that cannot be dealt to so many processes.</summary>
    /// <exception cref="UserException">The first problem, named as on the command line.</exception>
    public static void Check(int batch, int groups, int processes)
    {
        if (batch % processes != 0)
            throw new UserException($"--batch {batch}: cannot be dealt to {processes} processes; give a multiple of {processes}");
        if (groups > 1 && groups % processes != 0)
            throw new UserException(
                $"--norm-groups {groups}: cannot be dealt to {processes} processes; give a multiple of {processes}, or 1 for statistics over all of them");
    }

    /// <summary>The processes; null where this is the only one.</summary>
    public ProcessGroup? Processes { get; }

    /// <summary>The processes whose parts share their BatchNorm statistics; null where each part has its own.</summary>
    public ProcessGroup? NormProcesses => together ? Processes : null;

    /// <summary>Parts that the whole batch is computed in.</summary>
    public int PartsOfAll { get; }

    /// <summary>Parts that this process computes.</summary>
    public int Parts => PartsOfAll / size;

    /// <summary>The number of the first of them.</summary>
    public int FirstPart => rank * Parts;

    /// <summary>The images whose queries this process computes: neighbours in the batch.</summary>
    public int[] Queries(int[] batch) => batch.AsSpan(rank * (batch.Length / size), batch.Length / size).ToArray();

    /// <summary>
    /// The images whose keys this process computes: of several groups, those that take every n-th image; otherwise those of its queries.
    /// </summary>
    public int[] Keys(int[] batch) => together ? Queries(batch) : [.. batch.Where((_, place) => place % PartsOfAll / Parts == rank)];

    /// <summary>This process's keys [N / parts, parts, D] -> those of the whole batch in its order, [batch, D].</summary>
    public Tensor Whole(Tensor keys)
    {
        var (count, length) = (keys.shape[0], keys.shape[2]);
        if (Processes is null) return keys.view(-1, length);
        using var scope = NewDisposeScope();
        var gathered = Processes.AllGather(keys);
        return (together ? gathered : gathered.view(size, count, Parts, length).transpose(0, 1)).reshape(-1, length)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Rows that this process computed for its queries [n, …] -> those of the whole batch in its order.</summary>
    public Tensor WholeOfQueries(Tensor own) => Processes is null ? own : Gathered(Processes, own);

    /// <summary>
    /// Rows of this part, in autograd, among those of the processes that share its statistics: [n, …] -> all of them in the order of the
    /// batch.
    /// </summary>
    public Tensor WithOthers(Tensor own)
    {
        if (NormProcesses is null) return own;
        using var scope = NewDisposeScope();
        var (all, count) = (Gathered(NormProcesses, own.detach()), own.shape[0]);
        return cat([all.narrow(0, 0, rank * count), own, all.narrow(0, (rank + 1) * count, (size - rank - 1) * count)], 0)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Undoes <see cref="WithOthers"/>.</summary>
    public Tensor OwnRows(Tensor all) => NormProcesses is null ? all : all.narrow(0, rank * (all.shape[0] / size), all.shape[0] / size);

    /// <summary>
    /// A loss over <see cref="WithOthers"/>: each process has the whole value and the whole gradient of its rows, where the means of the
    /// parts count a part's gradient for a part only.
    /// </summary>
    public Tensor OfWhole(Tensor loss) => NormProcesses is null ? loss : loss.detach() + (loss - loss.detach()) * size;

    private static Tensor Gathered(ProcessGroup processes, Tensor own)
    {
        using var scope = NewDisposeScope();
        return processes.AllGather(own.contiguous()).reshape([-1, .. own.shape[1..]]).MoveToOuterDisposeScope();
    }
}
