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
    public const string CheckpointFile = "checkpoint.safetensors";
    public const string OptionsFile = "train.json";

    private readonly TrainOptions options;
    private readonly ImageStore images;
    private readonly Device device;
    private readonly string folder;
    private readonly ViewRecipe recipe;
    private readonly int stepsPerEpoch;

    /// <summary>Prepares a run in a folder; with a checkpoint there it continues, otherwise it starts.</summary>
    /// <exception cref="UserException">Too few images, or the checkpoint is damaged, of another space or of other settings.</exception>
    public Trainer(SearchSpace space, TrainOptions options, ImageStore images, Device device, string folder)
    {
        (this.options, this.images, this.device, this.folder) = (options, images, device, folder);
        if (images.Count < options.Batch)
            throw new UserException($"{options.Data}: holds {images.Count} images, fewer than a batch of {options.Batch}; give --batch {images.Count} or less");
        recipe = ViewRecipe.MoCoV2(options.Size);
        stepsPerEpoch = images.Count / options.Batch;
        Steps = (long)stepsPerEpoch * options.Epochs;
        Model = new(space, options.MoCo, device, options.Compute == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32, options.Seed);
        try
        {
            if (File.Exists(CheckpointPath)) Step = Continue();
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

    public string CheckpointPath => Path.Combine(folder, CheckpointFile);

    /// <summary>Trains to the end. Saves at least every <paramref name="saveEvery"/> and reports about every <paramref name="reportEvery"/>.</summary>
    /// <exception cref="InvalidOperationException">The loss became infinite or NaN; the checkpoint stays as it was before.</exception>
    public void Run(Action<TrainProgress> report, TimeSpan reportEvery, TimeSpan saveEvery, CancellationToken cancellation = default)
    {
        using var window = new Window(this, reportEvery);
        var sinceSave = Stopwatch.StartNew();
        var (order, orderEpoch) = (Array.Empty<int>(), -1L);
        using var views = new ViewStream(images, recipe, (ulong)options.Seed, Indices, Step, Steps, device);
        while (Step < Steps && !cancellation.IsCancellationRequested)
        {
            var rate = Rate(Step);
            window.Add(TrainStep(views.Next(), rate));
            Step++;
            if (Step == Steps || window.IsDue) report(window.Close(rate));
            if (Step < Steps && sinceSave.Elapsed < saveEvery) continue;
            window.Check();
            Save();
            sinceSave.Restart();
        }
        if (cancellation.IsCancellationRequested && Step < Steps)
        {
            window.Check();
            Save();
        }

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
        Checkpoint.Save(CheckpointPath, Model, options, Step);
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

    /// <summary>Loads the checkpoint and returns the steps done; the same folder of images may meanwhile lie elsewhere.</summary>
    private long Continue()
    {
        var step = Checkpoint.Load(CheckpointPath, Model);
        if (Checkpoint.Describe(CheckpointPath).Options with { Data = options.Data } != options)
            throw new UserException($"{CheckpointPath}: made with other settings than those of {OptionsFile}; put back the file that it was made with, or train into another folder");
        return step <= Steps ? step : throw new UserException($"{CheckpointPath}: after step {step} of a run of {Steps}; the file is damaged");
    }

    private bool AreWeightsFinite()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return Model.Networks.StudentWeights.Values.isfinite().all().item<bool>();
    }

    private InvalidOperationException Diverged() => new(
        $"training diverged before step {Step} (the loss or a weight is not finite): lower --rate{(File.Exists(CheckpointPath) ? "; the checkpoint is from before" : "")}");

    private Tensor TrainStep(ViewPair views, double rate)
    {
        using var scope = NewDisposeScope();
        var architectures = MoCo.Draw(Model.Networks.Space, options.MoCo.Rule, (ulong)options.Seed, Step);
        return Model.Step(views.Queries, views.Keys, architectures, rate).DetachFromDisposeScope();
    }

    public void Dispose() => Model.Dispose();

    /// <summary>Sums losses on the device between reports, so that a step waits for nothing.</summary>
    private sealed class Window(Trainer trainer, TimeSpan reportEvery) : IDisposable
    {
        private readonly Stopwatch watch = Stopwatch.StartNew();
        private Tensor? sum;
        private int steps;

        public bool IsDue => watch.Elapsed >= reportEvery;

        public void Add(Tensor losses)
        {
            steps++;
            if (sum is null)
            {
                sum = losses;
                return;
            }
            sum.add_(losses);
            losses.Dispose();
        }

        /// <summary>Throws where training has diverged.</summary>
        public void Check()
        {
            if (sum is not null) Means();
        }

        public TrainProgress Close(double rate)
        {
            var losses = Means();
            var seconds = watch.Elapsed.TotalSeconds;
            var remaining = TimeSpan.FromSeconds((trainer.Steps - trainer.Step) * seconds / steps);
            var epoch = (int)((trainer.Step - 1) / trainer.stepsPerEpoch) + 1;
            var progress = new TrainProgress(
                trainer.Step, trainer.Steps, epoch, trainer.options.Epochs, losses, rate, steps * trainer.options.Batch / seconds, remaining);
            sum!.Dispose();
            (sum, steps) = (null, 0);
            watch.Restart();
            return progress;
        }

        private double[] Means()
        {
            using var scope = NewDisposeScope();
            var values = sum!.cpu().data<float>().ToArray().Select(v => (double)v / steps).ToArray();
            return values.All(double.IsFinite) ? values : throw trainer.Diverged();
        }

        public void Dispose() => sum?.Dispose();
    }
}
