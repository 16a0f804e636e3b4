using DataSsl.Peers;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd.Peers;

/// <summary>The peers of bench data make views like ours: over many of the same images, as bright and as varied in every channel.</summary>
public sealed class DataPeerTests : IDisposable
{
    private const int Size = 24, Steps = 24;

    private readonly TrainFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void By_OpenCv()
    {
        using var scope = NewDisposeScope();
        var files = Files().Paths.ToList();
        var views = new[] { empty(files.Count, 3, Size, Size), empty(files.Count, 3, Size, Size) };
        Like(step =>
        {
            DataPeer.Make(files, views, threads: 2, step);
            return views;
        });
    }

    [SkippableTheory]
    [InlineData("pil")]
    [InlineData("tensor")]
    public void By_torchvision(string variant)
    {
        PyTorchPeers.Require();
        var theirs = PyTorchPeers.Numbers([("unused", zeros(1))], ["data", variant, $"{Size}", $"{Steps}", folder.Images]);
        Like(Ours(), theirs);
    }

    private void Like(Func<int, Tensor[]> make) => Like(Ours(), Statistics(make));

    /// <summary>Three means and three deviations.</summary>
    private static void Like(float[] ours, float[] theirs)
    {
        Assert.Equal(6, theirs.Length);
        for (var i = 0; i < 3; i++) Assert.Equal(ours[i], theirs[i], 0.15);
        for (var i = 3; i < 6; i++) Assert.InRange(theirs[i] / ours[i], 0.8, 1.25);
    }

    private float[] Ours()
    {
        var store = ImageStore.Load(Files(), new() { Workers = 2 });
        return Statistics(step =>
        {
            var batch = ViewMaker.MakeBatch(store, [.. Enumerable.Range(0, store.Count)], ViewPlan.MoCoV2(Size), seed: 0, step, CPU);
            return [batch.Student(0), batch.Teacher(1)];
        });
    }

    private ImageFiles Files() => (ImageFiles)ImageSource.Open(folder.Images);

    private static float[] Statistics(Func<int, Tensor[]> make)
    {
        using var scope = NewDisposeScope();
        var all = cat([.. Enumerable.Range(0, Steps).SelectMany(step => make(step).Select(v => v.transpose(0, 1).flatten(1)))], 1);
        return [.. all.mean([1]).data<float>().ToArray(), .. all.std(1).data<float>().ToArray()];
    }
}
