using DataSsl.Bench;
using DataSsl.Peers.Step;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Views;
using DataSsl.Spaces;
using static TorchSharp.torch;
using Architecture = DataSsl.Peers.Step.Architecture;
using MoCo = DataSsl.Peers.Step.MoCo;

namespace DataSsl.EndToEnd.Peers;

/// <summary>
/// The peers of bench step do what ours does: from the same weights, images and queue they come to the same losses, and after an update, to
/// the next step's.
/// </summary>
public sealed class StepPeerTests
{
    private const int Batch = 8, Size = 16, Queue = 32;

    private static readonly SearchSpace space = CompiledSpaces.All.Single(s => s.Name == "Small32");
    private static readonly PeerText text = new(space, "the test");

    [Theory]
    [InlineData("best", 1)]
    [InlineData("best", 2)]
    [InlineData("static", 1)]
    [InlineData("released", 1)]
    public void In_TorchSharp(string form, int groups)
    {
        using var scope = NewDisposeScope();
        using var model = Model(form, groups);
        var step = StepPeer.Create(form, StepSettings.Parse(Settings(groups)), out var moco);
        using var views = Views(model);
        PeerWeights.Copy(model.Networks.StudentWeights, moco.Student);
        PeerWeights.Copy(model.Networks.TeacherWeights, moco.Teacher);
        using (no_grad())
        {
            moco.Queue.copy_(model.Queues[0].Queue.Keys);
            moco.Queries.copy_(views.Student(0));
            moco.Keys.copy_(views.Teacher(1));
        }
        // The largest alone: a static network of its own starts from weights of its own.
        var architectures = form == "static" ? [space.Max] : Sandwich.Draw(space, Rule(form), 0, 0);
        for (var i = 0; i < 3; i++)
        {
            var ours = model.Step(views, architectures, new(0, 1, 1), MoCo.Rate);
            var named = architectures.Select(a => Architecture.Parse(text.Of(a))).ToList();
            step.Prepare(named);
            var theirs = stack(step.Run(named));
            Assert.True(
                ours.allclose(theirs, 1e-3, 1e-3),
                $"step {i}: ours {string.Join(' ', ours.data<float>())}, {form} {string.Join(' ', theirs.data<float>())}");
        }
    }

    [SkippableTheory]
    [InlineData("best", 1)]
    [InlineData("best", 2)]
    [InlineData("static", 1)]
    [InlineData("released", 1)]
    public void In_PyTorch(string form, int groups)
    {
        PyTorchPeers.Require();
        using var scope = NewDisposeScope();
        using var model = Model(form, groups);
        using var views = Views(model);
        var architectures = form == "static" ? [space.Max] : Sandwich.Draw(space, Rule(form), 0, 0);
        IEnumerable<(string, Tensor)> state =
        [
            .. PeerWeights.Of(model.Networks.StudentWeights).Select(w => ($"student.{w.Name}", w.Values.clone())),
            ("queue", model.Queues[0].Queue.Keys.clone()), ("queries", views.Student(0).contiguous()),
            ("keys", views.Teacher(1).contiguous()),
        ];
        var theirs = PyTorchPeers.Numbers(state, ["step", "3", string.Join('+', architectures.Select(text.Of)), form, .. Settings(groups)]);
        var ours = Enumerable.Range(0, 3).SelectMany(_ => model.Step(views, architectures, new(0, 1, 1), MoCo.Rate).data<float>().ToArray())
            .ToArray();
        Assert.Equal(ours.Length, theirs.Length);
        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First, pair.Second, 2e-3 * Math.Max(1, pair.First)));
    }

    private static SandwichRule Rule(string form) => form == "released" ? SandwichRule.Released : SandwichRule.Algorithm1;

    private static string[] Settings(int groups) => ["float32", "1", $"{Batch}", $"{Size}", .. text.Shape, "cpu", $"{Queue}", $"{groups}"];

    private static Pretraining Model(string form, int groups)
    {
        var options = new MoCoOptions(Hidden: Math.Min(2048, space.Max.EmbeddingChannels), QueueLength: Queue);
        var model = new Pretraining(
            space, new(options, new(OptimizerKind.Sgd, MoCo.WeightDecay, DecayVectors: true), options.Plan(Size), Rule(form), groups), CPU,
            ScalarType.Float32, seed: 3);
        Assert.Equal(MoCo.TeacherMomentum, options.TeacherMomentum);
        return model;
    }

    private static ViewBatch Views(Pretraining model)
    {
        return ViewBatch.Of(MoCoOptionsOf(model), View(1), View(2));

        static ViewPlan MoCoOptionsOf(Pretraining _) => new MoCoOptions().Plan(Size);

        static Tensor View(ulong seed)
        {
            using var generator = new TorchSharp.torch.Generator(seed);
            return DataSsl.Torch.MemoryFormat.ChannelsLast(randn([Batch, 3, Size, Size], generator: generator)).DetachFromDisposeScope();
        }
    }
}
