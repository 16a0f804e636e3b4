using System.Diagnostics;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Views;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

/// <summary>Runs MoCo v2 on a supernet over a store of images, from any step to the end, and saves on the way.</summary>
public sealed class Trainer : IDisposable
{
    public const string OptionsFile = "train.json";

    /// <summary>Below this <see cref="KeyQueue.Spread"/> a run has collapsed: its keys no longer tell images apart.</summary>
    public const double CollapsedSpread = 0.05;

    private readonly TrainOptions options;
    private readonly ImageStore images;
    private readonly Device device;
    private readonly CheckpointFolder checkpoints;
    private readonly ITrainObserver observer;
    private readonly ViewRecipe recipe;
    private readonly SizeGroups groups;
    private readonly int stepsPerEpoch;
    private bool collapsed;

    /// <summary>Prepares a run in a folder; with a checkpoint there it continues, otherwise it starts.</summary>
    /// <param name="space">What is trained.</param>
    /// <param name="options">Everything that decides the weights.</param>
    /// <param name="images">What it is trained on.</param>
    /// <param name="device">Where.</param>
    /// <param name="folder">Holds the run: configuration and checkpoints.</param>
    /// <param name="observer">Follows the run.</param>
    /// <param name="keep">Checkpoints kept, the newest included.</param>
    /// <exception cref="UserException">Too few images, or the checkpoint is damaged, of another space or of other settings.</exception>
    public Trainer(SearchSpace space, TrainOptions options, ImageStore images, Device device, string folder, ITrainObserver observer, int keep = 2)
    {
        (this.options, this.images, this.device, this.observer, checkpoints) = (options, images, device, observer, new(folder, keep));
        if (images.Count < options.Batch)
            throw new UserException($"{options.Data}: holds {images.Count} images, fewer than a batch of {options.Batch}; give --batch {images.Count} or less");
        recipe = ViewRecipe.MoCoV2(options.Size);
        groups = new(space, options.Size);
        stepsPerEpoch = images.Count / options.Batch;
        Steps = (long)stepsPerEpoch * options.Epochs;
        Model = new(space, options.MoCo, device, options.Compute == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32, options.Seed);
        try
        {
            Step = checkpoints.LoadNewest(Continue, observer.Notice) ?? 0;
            AtomicFile.WriteText(Path.Combine(folder, OptionsFile), options.ToJson() + "\n");
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    public MoCo Model { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Steps in all.</summary>
    public long Steps { get; }

    public string CheckpointPath => checkpoints.Newest;

    /// <summary>Trains to the end, or until cancelled; both ways the checkpoint is of the last step.</summary>
    /// <exception cref="InvalidOperationException">The loss became infinite or NaN; the checkpoint stays as it was before.</exception>
    public void Run(RunSchedule schedule, CancellationToken cancellation = default)
    {
        using var window = new ProgressWindow(groups);
        var sinceSave = Stopwatch.StartNew();
        var (order, orderEpoch) = (Array.Empty<int>(), -1L);
        using var views = new ViewStream(images, recipe, (ulong)options.Seed, Indices, Step, Steps, device);
        while (Step < Steps && !cancellation.IsCancellationRequested)
        {
            TrainStep(views, window);
            Step++;
            if (Step == Steps || window.Elapsed >= schedule.ReportEvery) Report(window);
            if (Step % stepsPerEpoch == 0) EndEpoch((int)(Step / stepsPerEpoch), schedule.EvaluateEvery);
            if (Step < Steps && sinceSave.Elapsed < schedule.SaveEvery) continue;
            Save(window);
            sinceSave.Restart();
        }
        if (cancellation.IsCancellationRequested && Step < Steps) Save(window);

        int[] Indices(long step)
        {
            var epoch = step / stepsPerEpoch;
            if (epoch != orderEpoch) (order, orderEpoch) = (Order(epoch), epoch);
            return order.AsSpan((int)(step % stepsPerEpoch) * options.Batch, options.Batch).ToArray();
        }
    }

    /// <summary>Writes the checkpoint.</summary>
    /// <exception cref="InvalidOperationException">A weight is infinite or NaN: the loss only shows that a step later. The checkpoint before stays.</exception>
    public void Save()
    {
        if (!AreWeightsFinite()) throw Diverged();
        checkpoints.Save(Model, options, Step);
    }

    private void Save(ProgressWindow window)
    {
        if (!window.Means().All(double.IsFinite)) throw Diverged();
        Save();
    }

    private void Report(ProgressWindow window)
    {
        var losses = window.Means();
        if (!losses.All(double.IsFinite)) throw Diverged();
        var seconds = window.Elapsed.TotalSeconds;
        var (epoch, spread) = ((int)((Step - 1) / stepsPerEpoch) + 1, Model.Queue.Spread(Math.Max(options.Batch, 256)));
        observer.Report(new(
            Step, Steps, epoch, options.Epochs, losses, window.GroupMeans(), spread, Rate(Step - 1), window.Steps * options.Batch / seconds, window.Data.Elapsed.TotalSeconds / seconds,
            Environment.WorkingSet, TimeSpan.FromSeconds((Steps - Step) * seconds / window.Steps)));
        window.Reset();
        if (collapsed || spread >= CollapsedSpread || Model.Counts.Enqueues * options.Batch < 256) return;
        collapsed = true;
        observer.Notice(FormattableString.Invariant(
            $"step {Step}: all images have nearly the same key (spread {spread:0.000} of 1): training has collapsed; start again with half the --rate, or a larger --teacher-momentum"));
    }

    private void EndEpoch(int epoch, int every)
    {
        if (every == 0 || epoch % every != 0) return;
        if (!AreWeightsFinite()) throw Diverged();
        if (observer.Evaluate(epoch) is { } score) checkpoints.SaveIfBest(Model, options, Step, score);
    }

    /// <summary>The images of an epoch in their order: a pure function of seed and epoch.</summary>
    public int[] Order(long epoch)
    {
        var order = Enumerable.Range(0, images.Count).ToArray();
        var random = CounterRandom.For((ulong)options.Seed, "order", epoch);
        random.Shuffle(order.AsSpan());
        return order;
    }

    /// <summary>Cosine from the base rate to zero over all steps.</summary>
    public double Rate(long step) => options.Rate * 0.5 * (1 + Math.Cos(Math.PI * step / Steps));

    /// <summary>Loads a checkpoint and returns the steps done; the same folder of images may meanwhile lie elsewhere.</summary>
    private long Continue(string path)
    {
        var step = Checkpoint.Load(path, Model);
        if (Checkpoint.Describe(path).Options with { Data = options.Data } != options)
            throw new UserException($"{path}: made with other settings than those of {OptionsFile}; put back the file that it was made with, or train into another folder");
        if (step > Steps) throw new DamagedFileException($"{path}: after step {step} of a run of {Steps}; the file is damaged");
        if (Checkpoint.MachineOf(path) is { } before && Checkpoint.Machine(device) is var now && before != now)
            observer.Notice($"saved on {before}; here: {now}. Sums are rounded in another order, so the last digits may differ from those of an uninterrupted run");
        return step;
    }

    private bool AreWeightsFinite()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return Model.Networks.StudentWeights.Values.isfinite().all().item<bool>();
    }

    private InvalidOperationException Diverged() => new(
        $"training diverged before step {Step} (the loss or a weight is not finite): lower --rate{(File.Exists(CheckpointPath) ? "; the checkpoint is from before" : "")}");

    private void TrainStep(ViewStream views, ProgressWindow window)
    {
        using var scope = NewDisposeScope();
        window.Data.Start();
        var pair = views.Next();
        window.Data.Stop();
        var architectures = MoCo.Draw(Model.Networks.Space, options.MoCo.Rule, (ulong)options.Seed, Step);
        window.Add(Model.Step(pair.Queries, pair.Keys, architectures, Rate(Step)).DetachFromDisposeScope(), architectures);
    }

    public void Dispose() => Model.Dispose();
}
