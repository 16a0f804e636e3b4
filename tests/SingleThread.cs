using static TorchSharp.torch;

namespace DataSsl.Tests;

/// <summary>Tests that compare bits or count live tensors: one libtorch thread, and no other test at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SingleThread : ICollectionFixture<SingleThread>, IDisposable
{
    public const string Name = "single thread";
    private readonly int before = get_num_threads();

    public SingleThread() => set_num_threads(1);

    public void Dispose() => set_num_threads(before);
}
