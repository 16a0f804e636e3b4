using System.Text.Json.Nodes;
using DataSsl.Dense.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Tests;
using DataSsl.Torch;
using static TorchSharp.torch;

namespace DataSsl.Dense.Tests.Training;

/// <summary>Training over labelled sets: it learns, frees what it makes, goes on to the bit, and keeps what it made.</summary>
[Collection(SingleThread.Name)]
public sealed class DenseTrainingTests : IDisposable
{
    private static readonly Dictionary<string, string> s_run = new() { ["seed"] = "1" };

    private readonly TemporaryFolder folder = new();

    public DenseTrainingTests() => Squares.Write(folder, 12);

    public static TheoryData<DenseHead> Heads => [DenseHead.Fcos, DenseHead.Fpn, DenseHead.FasterRcnnC4, DenseHead.Fcn];

    /// <summary>An interrupted run ends with the same bits as one that was not, whatever the head draws or drops out.</summary>
    [Theory]
    [MemberData(nameof(Heads))]
    public void A_run_goes_on_to_the_bit(DenseHead head)
    {
        const int steps = 5;
        using var whole = Network(head);
        using (var training = Training(whole, steps)) Make(training, steps);
        using (var first = Network(head))
        using (var training = Training(first, steps))
        {
            Make(training, 2);
            training.Save(folder["state"], s_run);
        }
        using var second = Network(head, seed: 9);
        using (var training = Training(second, steps))
        {
            training.Load(folder["state"], s_run);
            Assert.Equal(2, training.Step);
            Make(training, steps - 2);
            Assert.True(training.IsDone);
        }
        using var scope = NewDisposeScope();
        Assert.Equal(whole.State.Select(entry => entry.Key), second.State.Select(entry => entry.Key));
        Assert.All(
            whole.State.Zip(second.State),
            pair => Assert.True(pair.First.Tensor.equal(pair.Second.Tensor).all().item<bool>(), pair.First.Key));
    }

    [Fact]
    public void The_state_of_another_run_is_refused()
    {
        using var network = Network(DenseHead.Fcn);
        using var training = Training(network, 3);
        training.Save(folder["state"], s_run);
        Assert.Contains(
            "the run there has another seed (1, not 2)",
            Assert.Throws<UserException>(() => training.Load(folder["state"], new Dictionary<string, string> { ["seed"] = "2" })).Message);
        DenseCheckpoint.Write(folder["other"], network, Origin, []);
        Assert.Contains(
            "not the state of such a training", Assert.Throws<UserException>(() => training.Load(folder["other"], s_run)).Message);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Steps_leave_nothing_behind(DenseHead head)
    {
        using var network = Network(head);
        using var training = Training(network, 8);
        // The first makes gradients.
        Make(training, 1);
        Forgotten.Free();
        var counts = new long[4];
        for (var i = 0; i < counts.Length; i++)
        {
            training.MakeStep();
            counts[i] = LiveTensors.Count;
        }
        Assert.Equal([.. Enumerable.Repeat(counts[0], counts.Length)], counts);
    }

    /// <summary>
    /// BatchNorm of the backbone keeps its statistics unless they are to be trained; those of the head follow in either case.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Statistics_stay_where_they_are_frozen(bool trained)
    {
        using var network = Network(DenseHead.Fcn);
        using var scope = NewDisposeScope();
        var (body, head) = (Mean("backbone.bn1."), Mean("classifier.1."));
        var (bodyBefore, headBefore) = (body.clone(), head.clone());
        using var training = Training(network, 2, trained);
        Make(training, 2);
        Assert.Equal(!trained, body.equal(bodyBefore).all().item<bool>());
        Assert.False(head.equal(headBefore).all().item<bool>());

        Tensor Mean(string prefix) => network.State.Single(entry => entry.Key == prefix + "running_mean").Tensor;
    }

    /// <summary>What is read back finds the same on every image; its file has the keys of the emitted class and torchvision's.</summary>
    [Theory]
    [MemberData(nameof(Heads))]
    public void A_trained_network_is_kept(DenseHead head)
    {
        using var network = Network(head);
        using (var training = Training(network, 4))
        {
            Make(training, 4);
            training.Finish();
        }
        DenseCheckpoint.Write(folder["kept"], network, Origin, new() { ["ap"] = 0.5 });
        using var scope = NewDisposeScope();
        var keys = network.State.Select(entry => entry.Key).ToHashSet();
        Assert.Equal(
            new LargestBasic().state_dict().Keys.Select(key => "backbone." + key).Order(StringComparer.Ordinal),
            keys.Where(key => key.StartsWith("backbone.", StringComparison.Ordinal))
                .Where(key => !key.StartsWith("backbone.fpn.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains(
            head switch
            {
                DenseHead.Fcos => "head.classification_head.cls_logits.weight",
                DenseHead.Fcn => "classifier.4.weight",
                _ => "roi_heads.box_predictor.cls_score.weight",
            },
            keys);
        var (read, facts) = DenseCheckpoint.Read(folder["kept"], _ => new LargestBasic(), CPU);
        using (read)
        {
            Assert.Equal((Origin, 0.5), (facts.Backbone, (double)facts.Training["ap"]!));
            Assert.Equal((network.Settings.Head, network.Settings.Width), (read.Settings.Head, read.Settings.Width));
            Assert.Equal(network.Settings.Classes, read.Settings.Classes);
            var image = Squares.Boxes(folder).Image(0);
            if (head == DenseHead.Fcn)
                Assert.Equal(new DensePrediction(network, CPU).Classes(image), new DensePrediction(read, CPU).Classes(image));
            else Assert.Equal(new DensePrediction(network, CPU).Objects(image), new DensePrediction(read, CPU).Objects(image));
        }
    }

    [Fact]
    public void What_is_no_such_file_is_refused()
    {
        using var network = Network(DenseHead.Fcn);
        using (var training = Training(network, 1)) training.Save(folder["state"], s_run);
        Assert.Contains("no detector or segmenter", Assert.Throws<UserException>(() => DenseCheckpoint.Facts(folder["state"])).Message);
        DenseCheckpoint.Write(folder["emitted"], network, Origin with { Space = null, Source = null, Architecture = null }, []);
        Assert.Contains(
            "whose space it does not know",
            Assert.Throws<UserException>(() => DenseCheckpoint.Read(folder["emitted"], _ => new LargestBasic(), CPU)).Message);
    }

    /// <summary>A share has as many images as it says, some of each class; a smaller one lies within a larger one.</summary>
    [Fact]
    public void Shares_lie_within_one_another()
    {
        var set = Squares.Boxes(folder);
        var all = new DetectionExamples(set);
        for (var seed = 0; seed < 20; seed++)
        {
            var (small, large) = ((DetectionExamples)all.Share(0.25, seed), (DetectionExamples)all.Share(0.5, seed));
            Assert.Equal((3, 6), (small.Count, large.Count));
            Assert.Subset(large.Items.ToHashSet(), small.Items.ToHashSet());
            Assert.Equal([0, 1], small.Items.SelectMany(item => set.Objects(item)).Select(item => item.Class).Distinct().Order());
        }
        Assert.NotEqual(((DetectionExamples)all.Share(0.25, 0)).Items, ((DetectionExamples)all.Share(0.25, 1)).Items);
        // No fewer than show each class once.
        Assert.Equal(2, all.Share(0.01, 3).Count);
    }

    [Theory]
    [InlineData(DenseSchedule.Cosine)]
    [InlineData(DenseSchedule.Steps)]
    public void Rates_rise_and_fall(DenseSchedule schedule)
    {
        var options = new DenseTrainOptions { Steps = 24_000, Batch = 16, Rate = 0.02, Schedule = schedule };
        Assert.Equal(500, options.Warmup);
        Assert.Equal(1.0 / 500, options.Share(0), 1e-9);
        Assert.Equal(schedule == DenseSchedule.Cosine ? 0.5 : 1, options.Share(12_000), 1e-9);
        if (schedule == DenseSchedule.Steps)
            Assert.Equal(
                [1, 0.1, 0.1, 0.01], new[] { 17_999, 18_000, 21_999, 22_000 }.Select(options.Share));
        else Assert.True(options.Share(23_999) < 1e-6);
    }

    private static BackboneOrigin Origin { get; } =
        new("random", "Max of DenseBasic", DenseBasic.Space.Name, DenseBasic.Space.Source, DenseBasic.Space.Max.ToString(), Squares.Side);

    private static DenseNetwork Network(DenseHead head, long seed = 1)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var body = new LargestBasic();
        foreach (var (name, parameter) in body.named_parameters())
            parameter.copy_(Seeded.Parameter($"{seed}/{name}", parameter.shape, gain: 6));
        foreach (var tensor in body.parameters().Concat(body.buffers())) tensor.DetachFromDisposeScope();
        return DenseNetwork.Of(
            new()
            {
                Task = head == DenseHead.Fcn ? DenseTask.Segmentation : DenseTask.Detection,
                Head = head,
                Classes = head == DenseHead.Fcn ? ["ground", "bright", "dark"] : ["bright", "dark"],
                MinSize = Squares.Side,
                MaxSize = Squares.Side,
                Width = 32,
                Depth = 1,
                Representation = 32,
            },
            body, Squares.Side, seed, CPU);
    }

    private DenseTraining Training(DenseNetwork network, int steps, bool trainsNorm = false) => new(
        network,
        network.Segmenter is null ? new DetectionExamples(Squares.Boxes(folder)) : new SegmentationExamples(Squares.Masks(folder)),
        new() { Steps = steps, Batch = 4, Rate = 0.01, TrainsNorm = trainsNorm }, seed: 3, CPU);

    private static void Make(DenseTraining training, int steps)
    {
        for (var i = 0; i < steps; i++) training.MakeStep();
    }

    public void Dispose() => folder.Dispose();
}
