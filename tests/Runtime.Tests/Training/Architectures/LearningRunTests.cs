using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Spaces;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;
using DataSsl.Tests;
using DataSsl.Torch.Distributed;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Training.Architectures;

/// <summary>Whole runs that learn an architecture.</summary>
[Collection(SingleThread.Name)]
public sealed class LearningRunTests
{
    public static TheoryData<LearningRule> Rules => [LearningRule.Darts, LearningRule.Proxyless];

    /// <summary>Where the loss counts for next to nothing, the choices go to the border of the budget, and the result keeps it.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Cost_alone_leads_to_the_budget(LearningRule rule)
    {
        using var run = new LearningRun();
        var costs = Tiny.Space.All().Select(a => Tiny.Space.Macs(a, 32)).Order().ToList();
        foreach (var (from, to) in new[] { (0, 8), (40, 44) })
        {
            var budget = from == 0
                ? FormattableString.Invariant($"<={costs[to] / 1e6}M")
                : FormattableString.Invariant($"{costs[from] / 1e6}-{costs[to] / 1e6}M");
            var options = run.Options(rule, epochs: 30, o => o with { Budget = budget, CostWeight = 1e5, Rate = 0.1, Every = 1 });
            using var trainer = run.Trainer(options, $"{to}");
            run.Train(trainer);
            var progress = run.Progress[^1].Architecture!;
            Assert.InRange(progress.Macs, 0.98 * costs[from], 1.02 * costs[to]);
            // From all alike, which lies outside.
            Assert.NotInRange(run.Progress[0].Architecture!.Macs, costs[from], costs[to]);
            var learnt = trainer.Learnt!;
            Assert.True(learnt.IsProven && Tiny.Space.IsOnGrid(learnt.Architecture));
            Assert.InRange(Tiny.Space.Macs(learnt.Architecture, 32), from == 0 ? 0 : costs[from], costs[to]);
        }
    }

    [Theory]
    [InlineData(LearningRule.Darts, 1)]
    [InlineData(LearningRule.Darts, 2)]
    [InlineData(LearningRule.Proxyless, 1)]
    public void A_run_stopped_anywhere_continues_to_the_same_bits(LearningRule rule, int order)
    {
        using var scope = NewDisposeScope();
        using var run = new LearningRun();
        var every = rule == LearningRule.Darts ? 1 : 2;
        var options = run.Options(rule, epochs: 3, o => o with { Order = order, Budget = "<=0.5M", Every = every });
        using (var whole = run.Trainer(options, "whole"))
        {
            Assert.Equal(3 * LearningRun.StepsPerEpoch, whole.Steps);
            run.Train(whole);
        }
        var expected = State("whole");
        Assert.NotEqual(0, expected["architecture.logits"].count_nonzero().item<long>());
        foreach (var stops in new[] { new[] { 2L }, [4, 5], [1, 6, 8] })
        {
            var name = string.Join("-", stops);
            foreach (var stop in stops.Append(long.MaxValue))
            {
                using var part = run.Trainer(options, name);
                run.Train(part, until: stop);
            }
            var actual = State(name);
            Assert.Equal(expected.Keys, actual.Keys);
            foreach (var (key, tensor) in expected) Close.SameBits(tensor, actual[key], $"{key} after stops at {name}");
        }

        Dictionary<string, Tensor> State(string name)
        {
            var (tensors, _) = SafeTensors.Read(Path.Combine(run.Folder(name), CheckpointFolder.NewestFile));
            foreach (var tensor in tensors.Values) scope.Attach(tensor);
            return tensors;
        }
    }

    /// <summary>
    /// Sums are dealt differently, and what that rounds Adam makes larger from update to update where gradients are next to nothing: under
    /// darts by four digits in a second epoch, on one set of instructions more than on another. So its runs end after three updates.
    /// </summary>
    [Theory]
    [InlineData(LearningRule.Darts, 1)]
    [InlineData(LearningRule.Proxyless, 2)]
    public void A_run_of_two_processes_learns_what_one_does(LearningRule rule, int epochs)
    {
        using var run = new LearningRun();
        var options = run.Options(rule, epochs, o => o with { Every = 1 });
        options = options with { Method = options.Method with { NormGroups = 2 } };
        using var alone = run.Trainer(options, "alone");
        run.Train(alone);
        var logits = Processes.Run(2, group =>
        {
            using var trainer = run.Trainer(options, group.Rank == 0 ? "together" : "other", group);
            trainer.Run(new(TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
            return trainer.Model.Learner!.Choices.Logits.SelectMany(x => x).ToArray();
        });
        Assert.Equal(logits[0], logits[1]);
        Assert.Contains(logits[0], logit => logit != 0);
        foreach (var (one, own) in alone.Model.Learner!.Choices.Logits.SelectMany(x => x).Zip(logits[0])) Assert.Equal(one, own, 1e-3);
    }

    [Fact]
    public void Probabilities_stay_alike_in_the_warm_up_and_images_that_are_held_out_are_no_others()
    {
        using var run = new LearningRun();
        var options = run.Options(LearningRule.Proxyless, epochs: 2, o => o with { Warmup = 0.5, Every = 1 });
        using var trainer = run.Trainer(options, "run");
        run.Train(trainer);
        var warm = (int)(trainer.Steps / 2);
        Assert.All(
            run.Progress.Take(warm),
            p => Assert.Equal((1, null), (Math.Round(p.Architecture!.Entropy, 6), p.Architecture.HeldOutLoss)));
        Assert.All(run.Progress.Skip(warm), p => Assert.True(p.Architecture is { Entropy: < 0.999999, HeldOutLoss: > 0 }));
        var held = new HeldOutImages(options.Method.Learning!, LearningRun.Images, options.Batch, options.Seed);
        for (var epoch = 0; epoch < 2; epoch++) Assert.Equal(held.Trained, trainer.Order(epoch).Order());
    }

    [Fact]
    public void What_cannot_be_learnt_is_refused_in_a_line()
    {
        using var run = new LearningRun();
        Assert.Contains("--learn-architecture", Refusal(o => o, m => m with { Architecture = Tiny.Space.Max.ToString() }));
        Assert.Contains("alpha-warmup 0", Refusal(o => o with { Warmup = 0 }, m => m with { MaxFirst = 0.5 }));
        Assert.Contains("rule Released", Refusal(o => o, m => m with { Rule = SandwichRule.Released }));
        Assert.Contains(
            "--optimizer sgd",
            Refusal(o => o with { Order = 2 }, m => m with { Optimizer = m.Optimizer with { Kind = OptimizerKind.Lars } }));
        Assert.Contains("latency has no closed form", Refusal(o => o with { Budget = "latency<=3ms" }, m => m));
        Assert.Contains("is not a budget", Refusal(o => o with { Budget = "little" }, m => m));
        Assert.Contains("held-out 1.5", Refusal(o => o with { HeldOut = 1.5 }, m => m));
        Assert.Contains(
            "no architecture of Tiny at 32 pixels is within it; their MACs are ",
            Assert.Throws<UserException>(() => LearningOptions.Usual(LearningRule.Darts) is var o ? Checked(o with { Budget = "<=1K" }) : 0)
                .Message);

        string Refusal(Func<LearningOptions, LearningOptions> change, Func<Method, Method> method)
        {
            var options = run.Options(LearningRule.Darts, 1, change);
            return Assert.Throws<UserException>(() => (options with { Method = method(options.Method) }).Checked("--")).Message;
        }

        static int Checked(LearningOptions options)
        {
            options.Check(Tiny.Space, 32);
            return 1;
        }
    }

    [Fact]
    public void The_options_come_back_from_the_run_s_file_and_ordinary_runs_know_nothing_of_them()
    {
        using var run = new LearningRun();
        var options = run.Options(LearningRule.Darts, 2, o => o with { Budget = "<=0.5M", Order = 2 });
        Assert.Equal(options, TrainOptions.FromJson("train.json", options.ToJson()));
        Assert.DoesNotContain("learning", (options with { Method = TinyModel.Method }).ToJson(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A folder of pictures, 24 of which train and 12 judge, and runs over it.</summary>
    private sealed class LearningRun : IDisposable
    {
        public const int Images = 24;
        public const int StepsPerEpoch = Images / 2 / TinyModel.Batch;
        private readonly TinyRun run = new(Images);

        public List<TrainProgress> Progress => run.Observer.Progress;

        public string Folder(string name) => run.Folder(name);

        public TrainOptions Options(LearningRule rule, int epochs, Func<LearningOptions, LearningOptions> change)
        {
            var learning = change(LearningOptions.Usual(rule) with { HeldOut = 0.5, Warmup = 0.1, Rate = 0.05 });
            return run.Options(epochs) with { Rate = 0.01, Method = TinyModel.Method with { Learning = learning } };
        }

        public Trainer Trainer(TrainOptions options, string name, ProcessGroup? processes = null) =>
            run.Trainer(options.Checked("--"), name, processes: processes);

        /// <summary>Trains until a step, or to the end; what was told before is forgotten.</summary>
        public void Train(Trainer trainer, long until = long.MaxValue)
        {
            Progress.Clear();
            run.Train(trainer, until);
        }

        public void Dispose() => run.Dispose();
    }
}
