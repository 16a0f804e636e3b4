using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Training;
using DataSsl.Search.Candidates;
using DataSsl.Search.Walk;
using DataSsl.Torch;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Jobs.Searching;

/// <summary>Fits a search into the memory that it may take.</summary>
internal static class SearchMemory
{
    /// <summary>
    /// As many images at once as fit, the same for all processes, and the bytes that this one will take; says so where they are not all.
    /// </summary>
    public static (int ImagesAtOnce, long Bytes) Plan(
        NetworkPair networks, SearchRequest request, IStrategy strategy, int size, int images, ProcessGroup? processes)
    {
        var memory = new WalkMemory(networks.Space, request.Tasks, size)
        {
            Neck = request.Tasks.Any(task => task.UsesEmbedding) ? networks.StudentHead.Projector.Shape : null,
        };
        var here = ProcessMemory.NowBytes();
        var limit = request.Memory ?? MemoryLimit.Bytes / (processes?.Size ?? 1);
        var atOnce = memory.AtOnce(strategy, images, limit - here);
        if (processes is not null)
        {
            using var shared = tensor(new[] { (long)atOnce });
            processes.Broadcast(shared);
            atOnce = (int)shared.item<long>();
        }
        // Whole maps are too large to be kept; parts of them are not.
        if (atOnce < images) ProcessMemory.GiveBackFreed();
        var peak = here + memory.Peak(strategy, images, atOnce);
        Notices.Tell(
            $"about {peak / 1048576.0:N0} MiB{(atOnce < images ? $", computed {atOnce:N0} images at a time to stay below {limit / 1048576.0:N0} MiB" : "")}");
        return (atOnce, peak);
    }
}
