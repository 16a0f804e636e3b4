using DataSsl.Bench;
using DataSsl.Peers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Search.Scores;
using DataSsl.Search.Walk;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.EndToEnd.Peers;

/// <summary>The peers of bench search score as the walk does.</summary>
public sealed class SearchPeerTests : IDisposable
{
    private const int Images = 4, Size = 32;

    private static readonly SearchSpace space = CompiledSpaces.All.Single(s => s.Name == "Small32");
    private static readonly Architecture[] architectures = [space.Max, space.Min, space.FromIndex(17)];
    private static readonly PeerText text = new(space, "the test");

    private readonly NetworkPair networks = new(
        space, new(new([space.Max.EmbeddingChannels], 128)), hasTeacher: true, CPU, ScalarType.Float32, trainable: false);
    private readonly Tensor images = DataSsl.Torch.MemoryFormat.ChannelsLast(randn(Images, 3, Size, Size));

    public SearchPeerTests()
    {
        networks.StudentWeights.Initialize(0);
        networks.TeacherWeights.Initialize(1);
    }

    public void Dispose()
    {
        networks.Dispose();
        images.Dispose();
    }

    [Theory]
    [InlineData("best")]
    [InlineData("released")]
    public void In_TorchSharp(string form)
    {
        var peer = new SearchPeer(
            form, Images, Size, DataSsl.Peers.Step.Architecture.Parse(text.Shape[0]), text.Shape[1] == "low",
            DataSsl.Peers.Step.Architecture.Numbers(text.Shape[2]));
        PeerWeights.Copy(networks.StudentWeights, peer.Student);
        PeerWeights.Copy(networks.TeacherWeights, peer.Teacher);
        using (no_grad()) peer.Images.copy_(images);
        Same([.. architectures.Select(a => peer.Score(DataSsl.Peers.Step.Architecture.Parse(text.Of(a))))]);
    }

    [SkippableTheory]
    [InlineData("best")]
    [InlineData("released")]
    public void In_PyTorch(string form)
    {
        PyTorchPeers.Require();
        using var scope = NewDisposeScope();
        IEnumerable<(string, Tensor)> state =
        [
            .. PeerWeights.Of(networks.StudentWeights).Select(w => ($"student.{w.Name}", w.Values.clone())),
            .. PeerWeights.Of(networks.TeacherWeights).Select(w => ($"teacher.{w.Name}", w.Values.clone())),
            ("images", images.contiguous()),
        ];
        Same(
            PyTorchPeers.Numbers(
                state, ["search", string.Join('+', architectures.Select(text.Of)), form, "1", $"{Images}", $"{Size}", .. text.Shape]));
    }

    private void Same(float[] theirs)
    {
        PrefixWalk.Prepare(networks, Images);
        using var scorer = new Scorer(networks, [SearchTask.Classification], images);
        var ours = new Dictionary<Architecture, double>();
        PrefixWalk.Run(networks, scorer, architectures, images, (architecture, likeness) => ours[architecture] = likeness.Average());
        Assert.All(architectures.Zip(theirs), pair => Assert.Equal(ours[pair.First], pair.Second, 1e-4));
    }
}
