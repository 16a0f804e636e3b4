using DataSsl.Cli.Shared;
using DataSsl.Cli.Tests;
using DataSsl.Demo;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Spaces;

namespace DataSsl.Fuzz;

/// <summary>
/// A run of the smallest space on the smallest pictures: what is tried ten thousand times is a whole command all the same.
/// </summary>
public sealed class TinyRun() : TrainedRun(Space, "<=1M,params<=8K")
{
    public static SearchSpace Space { get; } = Known();

    /// <summary>Of each picture the midst.</summary>
    private protected override Image Paint(DemoEntry entry)
    {
        const int side = 32;
        var whole = entry.Render();
        var rgb = new byte[3 * side * side];
        whole.CopyTo(new((whole.Width - side) / 2, (whole.Height - side) / 2, side, side), rgb, side);
        return new(side, side, rgb);
    }

    private static SearchSpace Known()
    {
        var tiny = SpaceFileCompiler.Load(Path.Combine(AppContext.BaseDirectory, "tiny.space.yaml"));
        Command.Spaces = [.. CompiledSpaces.All, tiny];
        return tiny;
    }
}

/// <summary>Tests of it, one by one.</summary>
[CollectionDefinition(nameof(TinyCollection), DisableParallelization = true)]
public sealed class TinyCollection : ICollectionFixture<TinyRun>;
